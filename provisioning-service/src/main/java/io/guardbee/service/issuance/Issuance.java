package io.guardbee.service.issuance;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Identity;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.authority.Authority;
import io.guardbee.service.profile.Profile;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;

/**
 * Issues certificates, step by step; each step is a type that only the one before can make: {@link
 * CertificateRequest} → {@link ApprovedRequest} → {@link ToBeSigned} → {@link Reserved} → {@link
 * Signed} → completed. Thread-safe.
 */
public final class Issuance {

  private final Authorities authorities;
  private final CertificateLedger ledger;
  private final String organization;
  private final SecureRandom random;
  private final Clock clock;

  /**
   * @param organization the O of every subject; blank for none
   */
  public Issuance(
      Authorities authorities,
      CertificateLedger ledger,
      String organization,
      SecureRandom random,
      Clock clock) {
    this.authorities = authorities;
    this.ledger = ledger;
    this.organization = organization;
    this.random = random;
    this.clock = clock;
  }

  /**
   * Issues a device's certificate; it is on record before this returns.
   *
   * @throws RefusedException what stands against it; then nothing has changed
   */
  public X509Certificate forDevice(
      CertificateRequest request, DeviceId deviceId, Profile profile, Entitlement entitlement) {
    Identity identity = Identity.device(profile.issuer(), deviceId, profile.name(), organization);
    return issue(ApprovedRequest.forDevice(request, identity, profile, entitlement));
  }

  /**
   * Issues a certificate for one of this installation's own keys.
   *
   * @param name the CN
   * @param serverNames DNS names and addresses for the subjectAltName
   */
  public X509Certificate forInstallation(
      KeyPair key, String name, Profile profile, List<String> serverNames) {
    Identity identity =
        Identity.device(profile.issuer(), new DeviceId(name), profile.name(), organization);
    return issue(
        ApprovedRequest.forInstallation(
            CertificateRequest.forOwn(key), identity, profile, serverNames));
  }

  /**
   * Issues a certificate for a broker's MQTT listener, with the names of the broker's own.
   *
   * @param broker the certificate that the broker has shown, found good
   * @return the certificate, then the authority that signed it
   */
  public List<X509Certificate> forListener(CertificateRequest request, X509Certificate broker) {
    X509Certificate leaf = issue(ApprovedRequest.forListener(request, broker));
    return List.of(leaf, authorities.byRole(Identity.OPERATIONS).certificate());
  }

  private X509Certificate issue(ApprovedRequest approved) {
    Authority authority = authorities.byRole(approved.profile().issuer());
    ToBeSigned toBeSigned =
        new ToBeSigned(approved, authority.certificate(), Serial.random(random), clock);
    Reserved reserved = ledger.reserve(toBeSigned);
    return ledger.complete(sign(reserved, authority));
  }

  private Signed sign(Reserved reserved, Authority authority) {
    try {
      return new Signed(reserved, authority);
    } catch (RuntimeException e) {
      ledger.abandon(reserved);
      throw e;
    }
  }
}
