package io.guardbee.service.est;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Identity;
import io.guardbee.pki.KeyClaim;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.approval.Approvals;
import io.guardbee.service.grant.Grants;
import io.guardbee.service.grant.Grants.Redeemable;
import io.guardbee.service.http.Caller;
import io.guardbee.service.issuance.Application;
import io.guardbee.service.issuance.Entitlement;
import io.guardbee.service.issuance.Issuance;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.profile.Profiles;
import io.guardbee.service.profile.Way;
import io.guardbee.service.request.CertificateRequest;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who may have a certificate over EST: a new device by its token, a known one by its certificate.
 */
public final class EstEnrolment {

  private final Grants grants;
  private final Profiles profiles;
  private final Approvals approvals;
  private final Issuance issuance;

  public EstEnrolment(Grants grants, Profiles profiles, Approvals approvals, Issuance issuance) {
    this.grants = grants;
    this.profiles = profiles;
    this.approvals = approvals;
    this.issuance = issuance;
  }

  /** The user name and password of HTTP Basic (RFC 7030 §3.2.3). */
  record Credentials(String user, String token) {
    @Override
    public String toString() {
      return "Credentials[" + user + ", ***]";
    }
  }

  /**
   * What is asked for.
   *
   * @param label in the path, names the profile (RFC 7030 §3.2.2)
   * @param body the PKCS#10 request
   * @param claim what the device says of its key
   * @param address whence it comes
   */
  record Wish(Optional<String> label, String body, @Nullable KeyClaim claim, String address) {
    CertificateRequest request() {
      return CertificateRequest.parse(EstMessage.decode(body)).claiming(claim);
    }
  }

  /** First enrolment (RFC 7030 §4.2.1). */
  X509Certificate enrol(Credentials credentials, Wish wish) {
    DeviceId deviceId = new DeviceId(credentials.user());
    Redeemable token = grants.check(deviceId, credentials.token());
    requireLabel(wish.label(), token.profile());
    return issue(
        new Application(
            wish.request(), deviceId, token.profile(), new Entitlement.Token(token.id())),
        wish);
  }

  /** Renewal or new key (RFC 7030 §4.2.2): the identity is the client certificate's, always. */
  X509Certificate renew(Caller.Device caller, Wish wish) {
    Profile profile = profiles.device(caller.profile());
    requireLabel(wish.label(), profile);
    return issue(
        new Application(
            wish.request(),
            caller.deviceId(),
            profile,
            new Entitlement.PresentCertificate(Way.CURRENT, Identity.ISSUING, caller.serial())),
        wish);
  }

  private X509Certificate issue(Application application, Wish wish) {
    approvals.require(application, wish.address());
    return issuance.forDevice(application);
  }

  /** The label in the path, where a client sends one, names the profile (RFC 7030 §3.2.2). */
  private void requireLabel(Optional<String> label, Profile entitled) {
    if (label.isPresent() && !profiles.device(label.get()).equals(entitled)) {
      throw new RefusedException(
          Reason.PROFILE_UNKNOWN,
          "the caller is not entitled to profile " + Quoted.of(label.get()),
          "use /.well-known/est/" + entitled.name() + "/ or leave the profile out of the path");
    }
  }
}
