package io.guardbee.broker.status;

import io.guardbee.pki.Identity;
import io.guardbee.pki.Serial;
import java.security.cert.X509Certificate;

/**
 * Which certificate: a serial number is unique per issuer only (RFC 5280 §4.1.2.2).
 *
 * @param issuer the authority's role
 */
public record CertificateKey(String issuer, Serial serial) {

  public static CertificateKey of(X509Certificate certificate, Identity identity) {
    return new CertificateKey(identity.issuer(), Serial.of(certificate));
  }

  @Override
  public String toString() {
    return issuer + " " + serial;
  }
}
