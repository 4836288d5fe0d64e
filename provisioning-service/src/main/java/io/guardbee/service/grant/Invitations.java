package io.guardbee.service.grant;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.pki.Subject;
import io.guardbee.service.issuance.Entitlement;
import io.guardbee.service.profile.Name;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.profile.Profiles;
import io.guardbee.service.profile.Way;
import io.guardbee.service.request.CertificateRequest;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Who may have a certificate: by a token, a birth certificate, a claim certificate, a station's
 * word, or the certificate had before. The right is found here; what it has to give is taken with
 * the reservation. Thread-safe.
 */
public final class Invitations {

  private final Grants tokens;
  private final StandingGrants grants;
  private final Profiles profiles;
  private final Clock clock;
  private final AttemptRate rate;

  public Invitations(Grants tokens, StandingGrants grants, Profiles profiles, Clock clock) {
    this.tokens = tokens;
    this.grants = grants;
    this.profiles = profiles;
    this.clock = clock;
    this.rate = new AttemptRate(clock);
  }

  /**
   * A certificate that was had before.
   *
   * @param names what a renewal may ask for
   */
  public record Own(DeviceId deviceId, String issuer, Serial serial, PresentNames names) {}

  /**
   * By a one-time token.
   *
   * @param label the profile asked for, if any
   * @throws RefusedException what {@link Grants#check} says, {@link Reason#PROFILE_UNKNOWN}
   */
  public Invitation byToken(DeviceId deviceId, String token, Optional<String> label) {
    Grants.Redeemable redeemable = tokens.check(deviceId, token);
    requireLabel(label, redeemable.profile());
    return request ->
        new Admission(
            deviceId,
            redeemable.profile(),
            new Entitlement.Token(redeemable.id()),
            redeemable.names());
  }

  /**
   * By the certificate that is to be renewed. One that has ended may do this and nothing else, for
   * the grace that its profile gives.
   *
   * @throws RefusedException {@link Reason#CERTIFICATE_EXPIRED}, {@link Reason#PROFILE_UNKNOWN}
   */
  public Invitation byOwn(Own own, Optional<String> label) {
    Profile profile = profiles.device(own.names().profile());
    boolean ended = clock.instant().isAfter(own.names().until());
    if (ended) {
      requireGrace(own, profile);
    }
    requireLabel(label, profile);
    Entitlement right =
        new Entitlement.PresentCertificate(
            ended ? Way.EXPIRED : Way.CURRENT, own.issuer(), own.serial());
    return request -> {
      own.names().require(request);
      Set<Name> given = profile.isForServers() ? tokens.namesGiven(own.deviceId()) : Set.of();
      return new Admission(
          own.deviceId(), profile, right, own.names().kept(request, profile, given));
    };
  }

  private void requireGrace(Own own, Profile profile) {
    Instant last = own.names().until().plus(profile.renewal().expiredGrace());
    if (!profile.ways().contains(Way.EXPIRED) || clock.instant().isAfter(last)) {
      throw new RefusedException(
          Reason.CERTIFICATE_EXPIRED,
          "certificate "
              + own.serial()
              + " of "
              + own.deviceId()
              + " expired at "
              + own.names().until()
              + ", too long ago to re-enrol with it",
          "ask the operator for a token: guardbee device grant " + own.deviceId());
    }
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

  /**
   * By a certificate that is not of this Guardbee: a claim's or a birth certificate.
   *
   * @param chain as the handshake brought it, the caller's own first
   * @throws RefusedException {@link Reason#CERTIFICATE_UNTRUSTED} when no grant names it, {@code
   *     CERTIFICATE_*} when it is not good, {@link Reason#GRANT_EXPIRED}, {@link
   *     Reason#PROFILE_NOT_GRANTED}, {@link Reason#NAME_NOT_GRANTED}, {@link Reason#RATE_LIMITED}
   */
  public Invitation byStranger(List<X509Certificate> chain, Optional<String> label) {
    Instant now = clock.instant();
    BirthPath path = new BirthPath(chain);
    List<StandingGrant> claims =
        naming(
            grant ->
                grant.holder() instanceof Holder.Claim claim
                    && claim.certificate().equals(path.leaf()));
    if (!claims.isEmpty()) {
      path.requireGood(now);
      return byClaim(usable(claims, label, now).get(0), label);
    }
    List<StandingGrant> makers =
        naming(
            grant ->
                grant.holder() instanceof Holder.Manufacturer maker
                    && path.leadsTo(maker.certificates(), now));
    if (makers.isEmpty()) {
      throw path.untrusted();
    }
    path.requireGood(now);
    return byBirth(path.leaf(), usable(makers, label, now), label);
  }

  private List<StandingGrant> naming(Predicate<StandingGrant> wanted) {
    return grants.recent().stream().filter(wanted).toList();
  }

  /** Those of them that are open and give the profile asked for; never none. */
  private List<StandingGrant> usable(
      List<StandingGrant> named, Optional<String> label, Instant now) {
    List<StandingGrant> open = named.stream().filter(grant -> grant.isOpen(now)).toList();
    if (open.isEmpty()) {
      StandingGrant last = named.get(named.size() - 1);
      throw StandingGrant.ended(last.name(), last.course().withdrawn(), last.terms().until());
    }
    List<StandingGrant> giving =
        open.stream()
            .filter(grant -> label.isEmpty() || grant.terms().profiles().contains(label.get()))
            .toList();
    if (giving.isEmpty()) {
      StandingGrant first = open.get(0);
      throw new RefusedException(
          Reason.PROFILE_NOT_GRANTED,
          "grant " + first.name() + " does not give profile " + Quoted.of(label.orElse("")),
          "use /.well-known/est/" + String.join("/ or /", first.terms().profiles()) + "/");
    }
    return giving;
  }

  private Invitation byClaim(StandingGrant grant, Optional<String> label) {
    rate.attempt(grant, ((Holder.Claim) grant.holder()).perMinute());
    Entitlement right = new Rights.ByClaim(grant.id(), clock.instant());
    return request -> admit(grant, nameIn(request), label, right);
  }

  private Invitation byBirth(
      X509Certificate idevid, List<StandingGrant> giving, Optional<String> label) {
    Subject subject = Subject.of(idevid.getSubjectX500Principal());
    List<RefusedException> refused = new ArrayList<>();
    for (StandingGrant grant : giving) {
      try {
        DeviceId name = ((Holder.Manufacturer) grant.holder()).ids().deviceId(subject);
        Admission admission =
            admit(
                grant,
                name,
                label,
                new Rights.ByManufacturer(grant.id(), Birth.of(idevid), clock.instant()));
        return request -> admission;
      } catch (RefusedException e) {
        refused.add(e); // another grant of this manufacturer may know it
      }
    }
    throw refused.get(refused.size() - 1);
  }

  /**
   * By a station's word, for the device that the request names.
   *
   * @throws RefusedException {@link Reason#GRANT_MISSING}, {@link Reason#GRANT_EXPIRED}, {@link
   *     Reason#PROFILE_NOT_GRANTED}, {@link Reason#NAME_NOT_GRANTED}
   */
  public Invitation byStation(DeviceId station, Optional<String> label) {
    List<StandingGrant> named = naming(grant -> grant.holder().equals(new Holder.Station(station)));
    if (named.isEmpty()) {
      throw new RefusedException(
          Reason.GRANT_MISSING,
          "station " + station + " has no grant to enrol devices",
          "ask the operator: guardbee grant station " + station + " --profile …");
    }
    Instant now = clock.instant();
    StandingGrant grant = usable(named, label, now).get(0);
    Entitlement right = new Rights.ByStation(station, grant.id(), now);
    return request -> admit(grant, nameIn(request), label, right);
  }

  private static DeviceId nameIn(CertificateRequest request) {
    List<String> names = request.subject().values("CN");
    if (names.size() != 1) {
      throw new RefusedException(
          Reason.NAME_NOT_GRANTED,
          "the request does not say which device it is for",
          "put the device id into the request's subject: CN=<device id>");
    }
    return new DeviceId(names.get(0));
  }

  private Admission admit(
      StandingGrant grant, DeviceId name, Optional<String> label, Entitlement right) {
    if (!grants.allows(grant, name)) {
      throw LockedGrant.notOnList(grant.name(), name);
    }
    Profile profile = profiles.device(label.orElse(grant.terms().profiles().get(0)));
    return new Admission(name, profile, right);
  }
}
