package io.guardbee.broker.door;

import io.guardbee.broker.policy.Attributes;
import io.guardbee.broker.status.CertificateKey;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.pki.Subject;
import io.guardbee.pki.TrustedIssuers;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Locale;

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
    String name = nameOf(certificate);
    return new Visitor(
        name,
        identity.issuer() + " " + name,
        CertificateKey.of(certificate, identity),
        Attributes.of(certificate, identity),
        certificate,
        by);
  }

  /** The certificate's end. */
  Instant until() {
    return certificate.getNotAfter().toInstant();
  }

  /** For logs: the device id where the certificate has one, else its subject made safe. */
  static String nameOf(X509Certificate certificate) {
    String subject = certificate.getSubjectX500Principal().getName();
    try {
      Identity identity =
          new Identity(Identity.ISSUING, Subject.of(certificate.getSubjectX500Principal()));
      return identity.deviceId().value();
    } catch (RefusedException e) {
      return Quoted.of(subject);
    }
  }

  /** For logs; also of a certificate whose serial number is out of order. */
  static String serialOf(X509Certificate certificate) {
    try {
      return Serial.of(certificate).toString();
    } catch (RefusedException e) {
      return certificate.getSerialNumber().toString(16).toUpperCase(Locale.ROOT);
    }
  }
}
