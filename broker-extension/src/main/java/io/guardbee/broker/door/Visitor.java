package io.guardbee.broker.door;

import io.guardbee.broker.policy.Attributes;
import io.guardbee.broker.status.CertificateKey;
import io.guardbee.broker.trust.Presented;
import io.guardbee.pki.Identity;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.TrustedIssuers;
import java.security.cert.X509Certificate;
import java.time.Instant;

/**
 * Who stands at the door: the holder of a certificate that was found good, apart from revocation.
 *
 * @param name for people: the device id where the certificate has one
 * @param owner the identity, whichever certificate it comes with: issuer and name
 * @param by the authorities that the certificate was found good by
 */
record Visitor(
    String name,
    String owner,
    CertificateKey key,
    Attributes attributes,
    X509Certificate certificate,
    TrustedIssuers by) {

  static Visitor of(X509Certificate certificate, Identity identity, TrustedIssuers by) {
    String name = nameOf(certificate, identity);
    return new Visitor(
        name,
        owner(identity.issuer(), name),
        CertificateKey.of(certificate, identity),
        Attributes.of(certificate, identity),
        certificate,
        by);
  }

  /** The identity of that name, of an authority's role. */
  static String owner(String issuer, String name) {
    return issuer + " " + name;
  }

  /** The certificate's end. */
  Instant until() {
    return certificate.getNotAfter().toInstant();
  }

  /** By the identity, which is at hand: reading a subject again costs more than all the rest. */
  private static String nameOf(X509Certificate certificate, Identity identity) {
    try {
      return identity.deviceId().value();
    } catch (RefusedException e) {
      return Presented.of(certificate).name();
    }
  }
}
