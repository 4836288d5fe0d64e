package io.guardbee.pki;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Locale;

/** The SHA-256 of a DER encoding, written {@code sha256:} and 64 lower-case hexadecimal digits. */
public record Fingerprint(String hex) {

  private static final String PREFIX = "sha256:";

  public Fingerprint {
    if (!hex.matches("[0-9a-f]{64}")) {
      throw malformed(hex);
    }
  }

  public static Fingerprint of(X509Certificate certificate) {
    try {
      return of(certificate.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("certificate cannot be encoded", e);
    }
  }

  /** The fingerprint of any DER encoding, such as a SubjectPublicKeyInfo. */
  public static Fingerprint of(byte[] der) {
    try {
      return new Fingerprint(
          HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(der)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * Reads what people paste.
   *
   * @param text with or without the prefix, with or without the colons that openssl prints
   */
  public static Fingerprint parse(String text) {
    String lower = text.strip().toLowerCase(Locale.ROOT);
    String digits = lower.startsWith(PREFIX) ? lower.substring(PREFIX.length()) : lower;
    return new Fingerprint(digits.replace(":", ""));
  }

  private static RefusedException malformed(String text) {
    return new RefusedException(
        Reason.REQUEST_MALFORMED,
        "fingerprint " + Quoted.of(text) + " is not a SHA-256 in hexadecimal",
        "copy caFingerprint from run/endpoints.json: sha256: and 64 digits");
  }

  @Override
  public String toString() {
    return PREFIX + hex;
  }
}
