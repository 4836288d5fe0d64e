package io.guardbee.service.issuance;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.service.lint.Linted;
import io.guardbee.service.profile.Way;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;

/**
 * A certificate but for its signature (RFC 5280 §4.1.2), built from the profile and found to fit
 * RFC 5280. From the request it has the public key and the names that the profile allows, nothing
 * else.
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
  private final Linted linted;

  /**
   * Builds and checks.
   *
   * @throws RefusedException when what the profile and the request ask for fits no certificate
   */
  ToBeSigned(ApprovedRequest approved, Issuer issuer, Serial serial, Clock clock) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    this.approved = approved;
    this.serial = serial;
    this.notBefore = now.minus(BACKDATED);
    Instant wanted = now.plus(approved.profile().validity());
    Instant latest = issuer.certificate().getEndDate().getDate().toInstant();
    this.notAfter = wanted.isAfter(latest) ? latest : wanted;
    this.linted = Linted.of(build(issuer), issuer.certificate());
  }

  private TBSCertificate build(Issuer issuer) {
    V3TBSCertificateGenerator draft = new V3TBSCertificateGenerator();
    draft.setSerialNumber(new ASN1Integer(serial.value()));
    draft.setSignature(issuer.algorithm());
    draft.setIssuer(issuer.certificate().getSubject());
    draft.setStartDate(new Time(Date.from(notBefore)));
    draft.setEndDate(new Time(Date.from(notAfter)));
    draft.setSubject(
        X500Name.getInstance(approved.identity().subject().toPrincipal().getEncoded()));
    draft.setSubjectPublicKeyInfo(
        SubjectPublicKeyInfo.getInstance(approved.request().publicKey().getEncoded()));
    draft.setExtensions(new LeafExtensions(approved, issuer).all());
    return draft.generateTBSCertificate();
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

  /** What is to be signed, octet for octet. */
  Linted linted() {
    return linted;
  }
}
