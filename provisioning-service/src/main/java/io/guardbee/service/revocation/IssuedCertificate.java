package io.guardbee.service.revocation;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.pki.Subject;
import io.guardbee.service.authority.Authorities;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;

/**
 * A certificate whose signature was found to be one of an authority of this installation, whether
 * it is on record or not.
 *
 * @param issuer role of that authority
 */
record IssuedCertificate(String issuer, X509Certificate certificate) {

  /**
   * Verifies the signature. Dates and extensions are not checked: what must not be used is to be
   * revoked all the same.
   *
   * @throws RefusedException {@link Reason#CERTIFICATE_UNTRUSTED}
   */
  static IssuedCertificate verified(X509Certificate certificate, Authorities authorities) {
    return authorities
        .roleOfSigner(certificate)
        .map(role -> new IssuedCertificate(role, certificate))
        .orElseThrow(
            () ->
                new RefusedException(
                    Reason.CERTIFICATE_UNTRUSTED,
                    "certificate "
                        + certificate.getSerialNumber().toString(16)
                        + " of "
                        + Quoted.of(certificate.getIssuerX500Principal().getName())
                        + " is not signed by an issuing or operations CA of this installation",
                    "give a certificate that this service has issued; an authority itself is"
                        + " revoked by the root: guardbee ca crl --revoke"));
  }

  String serial() {
    return Serial.of(certificate).toString();
  }

  /** The device; empty for servers, operators and brokers. */
  Optional<DeviceId> device() {
    if (!issuer.equals(Identity.ISSUING)) {
      return Optional.empty();
    }
    try {
      return Optional.of(identity().deviceId());
    } catch (RefusedException e) {
      return Optional.empty(); // a subject that names no device
    }
  }

  /** As its subject has it; empty when it names none. */
  String profile() {
    try {
      return identity().profile();
    } catch (RefusedException e) {
      return "";
    }
  }

  private Identity identity() {
    return new Identity(issuer, Subject.of(certificate.getSubjectX500Principal()));
  }

  String subject() {
    try {
      return identity().subject().toString();
    } catch (RefusedException e) {
      return certificate.getSubjectX500Principal().getName();
    }
  }

  String keyHash() {
    return Fingerprint.of(certificate.getPublicKey().getEncoded()).hex();
  }

  Instant notBefore() {
    return certificate.getNotBefore().toInstant();
  }

  Instant notAfter() {
    return certificate.getNotAfter().toInstant();
  }

  byte[] der() {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was decoded encodes", e);
    }
  }
}
