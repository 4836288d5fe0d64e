package io.guardbee.service.profile;

import io.guardbee.pki.Identity;
import io.guardbee.service.profile.Profile.Approval;
import io.guardbee.service.profile.Profile.EstForm;
import io.guardbee.service.profile.Profile.Purpose;
import io.guardbee.service.profile.Profile.Renewal;
import io.guardbee.service.profile.Profile.RenewalKey;
import io.guardbee.service.profile.Profile.ServerKeys;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The profiles of this installation's own certificates; nobody can be granted one.
 *
 * @param organization the O of their subjects; blank for none
 */
public record InstallationProfiles(String organization) {

  private static final Duration LONG = Duration.ofDays(825);

  /** Servers renew by themselves: what leaks is of use for a short time only. */
  private static final Duration HTTPS = Duration.ofDays(90);

  private static final Duration LISTENER = Duration.ofDays(7);

  /** Nobody can revoke it (id-pkix-ocsp-nocheck), so it ends soon. */
  private static final Duration RESPONDER = Duration.ofDays(1);

  /** The HTTPS server. */
  public Profile https() {
    return profile("server", Identity.OPERATIONS, HTTPS, Purpose.SERVER);
  }

  /** An operator. */
  public Profile operator() {
    return profile("operator", Identity.OPERATIONS, LONG, Purpose.CLIENT);
  }

  /** A broker towards the service. */
  public Profile broker() {
    return profile("broker", Identity.OPERATIONS, LONG, Purpose.SERVER, Purpose.CLIENT);
  }

  /** A broker's MQTT listener: in the broker's name, but good for nothing towards the service. */
  public Profile listener() {
    return profile("broker", Identity.OPERATIONS, LISTENER, Purpose.SERVER);
  }

  /**
   * Who answers OCSP requests for an authority.
   *
   * @param role the authority's
   */
  public Profile responder(String role) {
    return profile("ocsp", role, RESPONDER, Purpose.OCSP);
  }

  private Profile profile(String name, String issuer, Duration validity, Purpose... purposes) {
    return new Profile(
        name,
        issuer,
        validity,
        List.of(purposes),
        SubjectTemplate.standard(organization),
        List.of(),
        List.of(),
        EnumSet.allOf(KeyKind.class),
        Set.of(Way.INSTALLATION),
        Approval.AUTOMATIC,
        new Renewal(0.66, Duration.ZERO, RenewalKey.ANY, validity, Duration.ZERO),
        Integer.MAX_VALUE,
        ServerKeys.OFF,
        new EstForm(false, 64));
  }
}
