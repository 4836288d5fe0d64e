package io.guardbee.hsm.cli;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A certificate that is worth nothing without its private key.
 *
 * @param file where it stands
 */
public record Dependent(Path file, X509Certificate certificate) {

  private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

  /** What the key is for. */
  public enum Role {
    ROOT("root CA"),
    AUTHORITY("CA"),
    SERVER("server"),
    CLIENT("device or client");

    private final String words;

    Role(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  /** As the certificate itself tells it. */
  public Role role() {
    if (certificate.getBasicConstraints() >= 0) {
      boolean own =
          certificate.getIssuerX500Principal().equals(certificate.getSubjectX500Principal());
      return own ? Role.ROOT : Role.AUTHORITY;
    }
    try {
      List<String> purposes = certificate.getExtendedKeyUsage();
      return purposes != null && purposes.contains(SERVER_AUTH) ? Role.SERVER : Role.CLIENT;
    } catch (GeneralSecurityException e) {
      return Role.SERVER; // not known: treat it as one that must not be lost
    }
  }

  /** Whether the installation breaks for others when the key is gone. */
  boolean isVital() {
    return role() != Role.CLIENT;
  }

  String subject() {
    return certificate.getSubjectX500Principal().getName();
  }

  PublicKey publicKey() {
    return certificate.getPublicKey();
  }

  /** Role, subject and file in one line. */
  String line() {
    return role() + " " + subject() + " in " + file;
  }
}
