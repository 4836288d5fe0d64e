package io.guardbee.service.revocation;

import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Serial;
import java.security.cert.X509Certificate;

/** What names the certificates that are to be revoked. */
public sealed interface CertificateSelection {

  /** One certificate, on record or not. */
  record ByCertificate(X509Certificate certificate) implements CertificateSelection {}

  /**
   * One certificate, on record or not.
   *
   * @param issuer role of the authority that has issued it
   */
  record BySerial(String issuer, Serial serial) implements CertificateSelection {}

  /**
   * All certificates on record that have this key.
   *
   * @param key fingerprint of the SubjectPublicKeyInfo
   */
  record ByKey(Fingerprint key) implements CertificateSelection {}
}
