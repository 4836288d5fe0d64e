package io.guardbee.service.est;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.est.EstEnrolment.Credentials;
import io.guardbee.service.grant.Invitation;
import io.guardbee.service.grant.Invitations;
import io.guardbee.service.grant.PresentNames;
import io.guardbee.service.http.Caller;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.function.Supplier;

/** Who may come in over EST, by what they have shown; before their request is read. Thread-safe. */
final class Visitors {

  private final Invitations invitations;

  Visitors(Invitations invitations) {
    this.invitations = invitations;
  }

  /**
   * For a first certificate (RFC 7030 §4.2.1): by HTTP Basic where it is sent, else by the client
   * certificate.
   *
   * @param caller asked only when no credentials were sent
   * @throws RefusedException {@link Reason#TOKEN_MISSING}, {@link Reason#GRANT_MISSING} and what
   *     {@link Invitations} says
   */
  Invitation toEnrol(
      Optional<Credentials> credentials, Supplier<Caller> caller, Optional<String> label) {
    if (credentials.isPresent()) {
      Credentials basic = credentials.get();
      return invitations.byToken(new DeviceId(basic.user()), basic.token(), label);
    }
    Caller shown = caller.get();
    if (shown instanceof Caller.Anonymous) {
      throw tokenMissing();
    }
    if (shown instanceof Caller.Stranger stranger) {
      return invitations.byStranger(stranger.chain(), label);
    }
    if (shown instanceof Caller.Station station) {
      return invitations.byStation(station.deviceId(), label);
    }
    if (shown instanceof Caller.Ended ended) {
      throw expired(ended);
    }
    if (shown instanceof Caller.Superseded superseded) {
      throw superseded(superseded);
    }
    throw new RefusedException(
        Reason.GRANT_MISSING,
        "the certificate of " + Quoted.of(shown.name()) + " is no grant for a first enrolment",
        "to renew that certificate use simplereenroll; for another device send its token");
  }

  /**
   * For the next certificate (RFC 7030 §4.2.2): the identity is the client certificate's, always.
   *
   * @throws RefusedException {@link Reason#CERTIFICATE_MISSING}, {@link
   *     Reason#CERTIFICATE_UNTRUSTED}, {@link Reason#ROLE_MISSING} and what {@link Invitations}
   *     says
   */
  Invitation toReenrol(
      Caller caller, Optional<X509Certificate> certificate, Optional<String> label) {
    if (caller instanceof Caller.Enrolled own && certificate.isPresent()) {
      return invitations.byOwn(
          new Invitations.Own(
              own.deviceId(), own.issuer(), own.serial(), PresentNames.of(certificate.get())),
          label);
    }
    if (caller instanceof Caller.Anonymous) {
      throw new RefusedException(
          Reason.CERTIFICATE_MISSING,
          "a renewal needs the client certificate that is to be renewed",
          "present it in the TLS handshake, as curl does with --cert and --key");
    }
    if (caller instanceof Caller.Stranger) {
      throw new RefusedException(
          Reason.CERTIFICATE_UNTRUSTED,
          "certificate " + Quoted.of(caller.name()) + " is not of this Guardbee",
          "use simpleenroll with a birth or claim certificate; simplereenroll is for renewals");
    }
    throw new RefusedException(
        Reason.ROLE_MISSING,
        "the certificate of " + Quoted.of(caller.name()) + " is not renewed over EST",
        "the service renews those of operators and brokers itself, when it starts");
  }

  /**
   * For a key made by the service, with its certificate (RFC 7030 §4.4): a first one or the next,
   * as the caller's grant is.
   */
  Invitation toHaveKeyMade(EstEnrolment.Visitor visitor, Optional<String> label) {
    if (visitor.credentials().isEmpty()) {
      Caller shown = visitor.caller().get();
      boolean own = shown instanceof Caller.Device || shown instanceof Caller.Server;
      return own
          ? toReenrol(shown, visitor.certificate(), label)
          : toEnrol(visitor.credentials(), () -> shown, label);
    }
    return toEnrol(visitor.credentials(), visitor.caller(), label);
  }

  static RefusedException tokenMissing() {
    return new RefusedException(
        Reason.TOKEN_MISSING,
        "the request carries no one-time token and no client certificate",
        "send HTTP Basic: user = device id, password = the token of guardbee device grant; or"
            + " present a birth, claim or station certificate");
  }

  private static RefusedException superseded(Caller.Superseded superseded) {
    return new RefusedException(
        Reason.CERTIFICATE_SUPERSEDED,
        "certificate "
            + superseded.serial()
            + " of "
            + superseded.deviceId()
            + " ended: its successor was issued",
        "use the certificate that was issued after it");
  }

  private static RefusedException expired(Caller.Ended ended) {
    return new RefusedException(
        Reason.CERTIFICATE_EXPIRED,
        "certificate "
            + ended.serial()
            + " of "
            + ended.deviceId()
            + " expired at "
            + ended.until(),
        "use simplereenroll: within a grace an expired certificate may do that and nothing else");
  }
}
