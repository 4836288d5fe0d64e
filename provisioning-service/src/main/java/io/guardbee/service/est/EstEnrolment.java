package io.guardbee.service.est;

import io.guardbee.pki.KeyClaim;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.approval.Approvals;
import io.guardbee.service.grant.Admission;
import io.guardbee.service.grant.Invitation;
import io.guardbee.service.grant.Invitations;
import io.guardbee.service.http.Caller;
import io.guardbee.service.issuance.Application;
import io.guardbee.service.issuance.Issuance;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.request.CertificateRequest;
import io.guardbee.service.revocation.PredecessorAlarms;
import io.guardbee.service.serverkey.PackedKey;
import io.guardbee.service.serverkey.ServerKeys;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Enrolment over EST: who is let in, then what is asked for, then the certificate. */
public final class EstEnrolment {

  private final Visitors visitors;
  private final Approvals approvals;
  private final Issuance issuance;
  private final ServerKeys serverKeys;
  private final PredecessorAlarms alarms;

  /** What it works with. */
  public record Parts(
      Invitations invitations, Approvals approvals, Issuance issuance, ServerKeys serverKeys) {}

  /**
   * @param alarms told of predecessors that ask for more than they may
   */
  public EstEnrolment(Parts parts, PredecessorAlarms alarms) {
    this.visitors = new Visitors(parts.invitations());
    this.approvals = parts.approvals();
    this.issuance = parts.issuance();
    this.serverKeys = parts.serverKeys();
    this.alarms = alarms;
  }

  /** The user name and password of HTTP Basic (RFC 7030 §3.2.3). */
  record Credentials(String user, String token) {
    @Override
    public String toString() {
      return "Credentials[" + user + ", ***]";
    }
  }

  /** Who asks: by HTTP Basic, by the certificate shown, or both. */
  record Visitor(
      Optional<Credentials> credentials,
      Supplier<Caller> caller,
      Optional<X509Certificate> certificate) {}

  /**
   * What is asked for.
   *
   * @param label in the path, names the profile (RFC 7030 §3.2.2)
   * @param body the PKCS#10 request
   * @param claim what the device says of its key
   * @param connection it came by
   */
  record Wish(
      Optional<String> label, String body, @Nullable KeyClaim claim, Connection connection) {
    CertificateRequest request() {
      CertificateRequest request =
          CertificateRequest.parse(EstMessage.decode(body)).claiming(claim);
      connection.binding().require(request);
      return request;
    }
  }

  /**
   * @param address whence it comes
   */
  record Connection(String address, ChannelBinding binding) {}

  /** A certificate, and how clients of its profile like their answers. */
  record Issued(X509Certificate certificate, Profile profile) {}

  /** The same with a key that the service made. */
  record IssuedWithKey(Issued issued, PackedKey key) {}

  /** First enrolment (RFC 7030 §4.2.1). */
  Issued enrol(Visitor visitor, Wish wish) {
    return issue(
        admitted(
            visitors.toEnrol(visitor.credentials(), visitor.caller(), wish.label()),
            wish.request(),
            wish));
  }

  /** Renewal or new key (RFC 7030 §4.2.2). */
  Issued renew(Visitor visitor, Wish wish) {
    return watched(
        visitor,
        wish,
        () ->
            issue(
                admitted(
                    visitors.toReenrol(visitor.caller().get(), visitor.certificate(), wish.label()),
                    wish.request(),
                    wish)));
  }

  /**
   * Either of them with a key made here (RFC 7030 §4.4). The key is packed before the certificate
   * is issued: a device must not be left with one of the two. Who approves, approves the key that
   * signed the request.
   */
  IssuedWithKey enrolWithNewKey(Visitor visitor, Wish wish) {
    return watched(visitor, wish, () -> issueWithNewKey(visitor, wish));
  }

  private IssuedWithKey issueWithNewKey(Visitor visitor, Wish wish) {
    Invitation invitation = visitors.toHaveKeyMade(visitor, wish.label());
    Application asked = admitted(invitation, wish.request(), wish);
    PackedKey key =
        serverKeys.make(asked.request(), asked.profile(), visitor.certificate().orElse(null));
    Application application =
        new Application(
            asked.request().forKey(key.publicKey()),
            asked.deviceId(),
            asked.profile(),
            asked.entitlement(),
            asked.granted());
    return new IssuedWithKey(issue(application), key);
  }

  /** A predecessor that is refused because of its successor may be a copy of the device's key. */
  private <T> T watched(Visitor visitor, Wish wish, Supplier<T> work) {
    try {
      return work.get();
    } catch (RefusedException e) {
      if (e.reason() == Reason.CERTIFICATE_SUPERSEDED) {
        visitor
            .certificate()
            .ifPresent(shown -> alarms.refused(shown, wish.connection().address()));
      }
      throw e;
    }
  }

  private Application admitted(Invitation invitation, CertificateRequest request, Wish wish) {
    Admission admission = invitation.admit(request);
    Application application =
        new Application(
            request,
            admission.deviceId(),
            admission.profile(),
            admission.entitlement(),
            admission.names());
    approvals.require(application, wish.connection().address());
    return application;
  }

  private Issued issue(Application application) {
    return new Issued(issuance.forDevice(application), application.profile());
  }
}
