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

  /** The HTTPS server. */
  public Profile https() {
    return profile("server", HTTPS, Purpose.SERVER);
  }

  /** An operator. */
  public Profile operator() {
    return profile("operator", LONG, Purpose.CLIENT);
  }

  /** A broker towards the service. */
  public Profile broker() {
    return profile("broker", LONG, Purpose.SERVER, Purpose.CLIENT);
  }

  /** A broker's MQTT listener: in the broker's name, but good for nothing towards the service. */
  public Profile listener() {
    return profile("broker", LISTENER, Purpose.SERVER);
  }

  private Profile profile(String name, Duration validity, Purpose... purposes) {
    return new Profile(
        name,
        Identity.OPERATIONS,
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
