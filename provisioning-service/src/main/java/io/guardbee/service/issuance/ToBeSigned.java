package io.guardbee.service.issuance;

import io.guardbee.pki.Serial;
import io.guardbee.service.profile.Profile.Purpose;
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
      if (!approved.serverNames().isEmpty()) {
        draft.addExtension(Extension.subjectAlternativeName, false, names(approved.serverNames()));
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
                    })
            .toArray(KeyPurposeId[]::new));
  }

  private static GeneralNames names(List<String> serverNames) {
    return new GeneralNames(
        serverNames.stream()
            .map(
                name ->
                    new GeneralName(
                        isAddress(name) ? GeneralName.iPAddress : GeneralName.dNSName, name))
            .toArray(GeneralName[]::new));
  }

  private static boolean isAddress(String name) {
    return name.contains(":") || name.matches("[0-9.]+");
  }

  ApprovedRequest approved() {
    return approved;
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
