package io.guardbee.service.ceremony;

import com.fasterxml.jackson.annotation.JsonValue;
import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Serial;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a ceremony did, as its signed file tells it. It holds what was signed, too: the files in
 * {@code ca/} can be made from the records alone, without the root.
 *
 * @param version of this format
 * @param number counts the home's ceremonies from 1
 * @param tool the program and its version
 * @param previous fingerprint of the file of the record before; null in the first
 * @param signature JCA's name of the algorithm of the signature beside the file
 * @param keys the root's key first, then those that were certified
 * @param crl null when none was signed
 */
record CeremonyRecord(
    int version,
    int number,
    Kind kind,
    Instant time,
    String tool,
    @Nullable String previous,
    String signature,
    List<KeyNote> keys,
    List<CertificateNote> certificates,
    @Nullable CrlNote crl) {

  static final int VERSION = 1;

  CeremonyRecord {
    keys = List.copyOf(keys);
    certificates = List.copyOf(certificates);
  }

  /** What the root may be asked for. */
  enum Kind {
    INIT,
    ROLLOVER,
    CRL;

    @JsonValue
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A token, as it describes itself. */
  record TokenNote(String label, String serial, String manufacturer, String model) {}

  /**
   * A key that took part.
   *
   * @param id CKA_ID in hexadecimal
   * @param fingerprint of the SubjectPublicKeyInfo
   * @param confined whether the module says that it is sensitive and not extractable
   */
  record KeyNote(
      String role,
      TokenNote token,
      String label,
      String id,
      String type,
      String fingerprint,
      boolean confined) {

    static KeyNote of(String role, Token token, TokenKey key) {
      return new KeyNote(
          role,
          new TokenNote(token.label(), token.serial(), token.manufacturer(), token.model()),
          key.label(),
          key.id(),
          KeyDescription.of(key.publicKey()),
          Fingerprint.of(key.publicKey().getEncoded()).toString(),
          token.isConfined(key));
    }
  }

  /** A certificate that the root signed. */
  record CertificateNote(
      String role,
      String subject,
      String serial,
      Instant notBefore,
      Instant notAfter,
      String fingerprint,
      String pem) {

    static CertificateNote of(String role, X509Certificate certificate) {
      return new CertificateNote(
          role,
          certificate.getSubjectX500Principal().getName(),
          Serial.of(certificate).toString(),
          certificate.getNotBefore().toInstant(),
          certificate.getNotAfter().toInstant(),
          Fingerprint.of(certificate).toString(),
          Pem.certificate(certificate));
    }

    X509Certificate certificate() {
      return Pem.parseCertificates(pem).get(0);
    }
  }

  /** A list of revoked authorities that the root signed. */
  record CrlNote(
      long number,
      Instant thisUpdate,
      Instant nextUpdate,
      List<RevokedNote> entries,
      String fingerprint,
      String pem) {

    CrlNote {
      entries = List.copyOf(entries);
    }
  }

  /**
   * An entry of such a list.
   *
   * @param reason as RFC 5280 names it; null when none was given
   */
  record RevokedNote(String serial, Instant revoked, @Nullable String reason) {}
}
