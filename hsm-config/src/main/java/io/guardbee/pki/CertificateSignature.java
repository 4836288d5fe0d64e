package io.guardbee.pki;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;

/** Whose signature a certificate carries (RFC 5280 §6.1.3 (a)(1) and (4)). */
public final class CertificateSignature {

  private CertificateSignature() {}

  /**
   * Whether the authority has issued the certificate: the names fit and the signature verifies.
   * Validity, extensions and revocation are not checked.
   */
  public static boolean isBy(X509Certificate authority, X509Certificate certificate) {
    if (!certificate.getIssuerX500Principal().equals(authority.getSubjectX500Principal())) {
      return false;
    }
    try {
      certificate.verify(authority.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false; // same name, another key: a predecessor, or an impostor
    }
  }
}
