package io.guardbee.service.issuance;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Serial;
import io.guardbee.service.profile.Name;
import io.guardbee.service.profile.Profile.Purpose;
import io.guardbee.service.profile.Way;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;

/**
 * A certificate but for its signature (RFC 5280 §4.1.2), built from the profile. From the request
 * it has the public key and nothing else.
 */
public final class ToBeSigned {

  /**
   * Devices' clocks run behind by minutes; a certificate is good from a little before its issue.
   */
  private static final Duration BACKDATED = Duration.ofMinutes(5);

  private final ApprovedRequest approved;
  private final Serial serial;
  private final Instant notBefore;
  private final Instant notAfter;
  private final X509v3CertificateBuilder builder;

  ToBeSigned(ApprovedRequest approved, X509Certificate authority, Serial serial, Clock clock) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    this.approved = approved;
    this.serial = serial;
    this.notBefore = now.minus(BACKDATED);
    Instant wanted = now.plus(approved.profile().validity());
    Instant latest = authority.getNotAfter().toInstant();
    this.notAfter = wanted.isAfter(latest) ? latest : wanted;
    this.builder = build(authority);
  }

  private X509v3CertificateBuilder build(X509Certificate authority) {
    JcaX509v3CertificateBuilder draft =
        new JcaX509v3CertificateBuilder(
            authority.getSubjectX500Principal(),
            serial.value(),
            Date.from(notBefore),
            Date.from(notAfter),
            approved.identity().subject().toPrincipal(),
            approved.request().publicKey());
    try {
      JcaX509ExtensionUtils keys = new JcaX509ExtensionUtils();
      draft.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      draft.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      draft.addExtension(Extension.extendedKeyUsage, false, purposes());
      draft.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          keys.createSubjectKeyIdentifier(approved.request().publicKey()));
      draft.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          keys.createAuthorityKeyIdentifier(authority.getPublicKey()));
      if (!approved.names().isEmpty()) {
        draft.addExtension(Extension.subjectAlternativeName, false, names(approved.names()));
      }
      return draft;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("extensions built from a profile encode", e);
    }
  }

  private ExtendedKeyUsage purposes() {
    List<Purpose> purposes = approved.profile().purposes();
    return new ExtendedKeyUsage(
        purposes.stream()
            .map(
                purpose ->
                    switch (purpose) {
                      case CLIENT -> KeyPurposeId.id_kp_clientAuth;
                      case SERVER -> KeyPurposeId.id_kp_serverAuth;
                      case REGISTRATION_AUTHORITY -> KeyPurposeId.id_kp_cmcRA;
                    })
            .toArray(KeyPurposeId[]::new));
  }

  private static GeneralNames names(List<Name> names) {
    return new GeneralNames(
        names.stream()
            .map(name -> new GeneralName(form(name.kind()), name.value()))
            .toArray(GeneralName[]::new));
  }

  private static int form(Name.Kind kind) {
    return switch (kind) {
      case DNS -> GeneralName.dNSName;
      case IP -> GeneralName.iPAddress;
      case URI -> GeneralName.uniformResourceIdentifier;
      case EMAIL -> GeneralName.rfc822Name;
    };
  }

  ApprovedRequest approved() {
    return approved;
  }

  /** Role of the authority that is to sign it. */
  String issuer() {
    return approved.profile().issuer();
  }

  /** Whether it is a device's, and not this installation's own. */
  boolean isForDevice() {
    return approved.entitlement().way() != Way.INSTALLATION;
  }

  DeviceId deviceId() {
    return approved.identity().deviceId();
  }

  /** SHA-256 of the SubjectPublicKeyInfo, in hexadecimal. */
  String keyHash() {
    return approved.request().keyFingerprint().hex();
  }

  Serial serial() {
    return serial;
  }

  Instant notBefore() {
    return notBefore;
  }

  Instant notAfter() {
    return notAfter;
  }

  X509v3CertificateBuilder builder() {
    return builder;
  }
}
