package io.guardbee.service.est;

import io.guardbee.pki.KeyClaim;
import io.guardbee.service.grant.Admission;
import io.guardbee.service.grant.Invitation;
import io.guardbee.service.grant.Invitations;
import io.guardbee.service.http.Caller;
import io.guardbee.service.issuance.Application;
import io.guardbee.service.issuance.Issuance;
import io.guardbee.service.request.CertificateRequest;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Enrolment over EST: who is let in, then what is asked for, then the certificate. */
public final class EstEnrolment {

  private final Visitors visitors;
  private final Issuance issuance;

  public EstEnrolment(Invitations invitations, Issuance issuance) {
    this.visitors = new Visitors(invitations);
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
   */
  record Wish(Optional<String> label, String body, @Nullable KeyClaim claim) {
    CertificateRequest request() {
      return CertificateRequest.parse(EstMessage.decode(body)).claiming(claim);
    }
  }

  /** First enrolment (RFC 7030 §4.2.1). */
  X509Certificate enrol(Optional<Credentials> credentials, Supplier<Caller> caller, Wish wish) {
    return issue(visitors.toEnrol(credentials, caller, wish.label()), wish.request());
  }

  /** Renewal or new key (RFC 7030 §4.2.2). */
  X509Certificate renew(Caller caller, Wish wish) {
    return issue(visitors.toReenrol(caller, wish.label()), wish.request());
  }

  private X509Certificate issue(Invitation invitation, CertificateRequest request) {
    Admission admission = invitation.admit(request);
    return issuance.forDevice(
        new Application(
            request, admission.deviceId(), admission.profile(), admission.entitlement()));
  }
}
