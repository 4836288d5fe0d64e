package io.guardbee.service.profile;

import io.guardbee.pki.Identity;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.config.Config.ProfileSettings;
import io.guardbee.service.profile.Profile.Purpose;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The profiles of this installation: built-in and configured. Immutable. */
public final class Profiles {

  /** The profile of a grant that names none. */
  public static final String DEFAULT = "sensor";

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final Duration OPERATIONS_VALIDITY = Duration.ofDays(825);

  /** Servers renew by themselves: what leaks is of use for a short time only. */
  private static final Duration HTTPS_VALIDITY = Duration.ofDays(90);

  private static final Duration LISTENER_VALIDITY = Duration.ofDays(7);

  private static final Map<String, Profile> OPERATIONS =
      Map.of(
          "server", operations("server", HTTPS_VALIDITY, Purpose.SERVER),
          "broker", operations("broker", OPERATIONS_VALIDITY, Purpose.SERVER, Purpose.CLIENT),
          "operator", operations("operator", OPERATIONS_VALIDITY, Purpose.CLIENT));

  /** A broker's MQTT listener: in the broker's name, but good for nothing towards the service. */
  private static final Profile LISTENER = operations("broker", LISTENER_VALIDITY, Purpose.SERVER);

  private final Map<String, Profile> devices = new TreeMap<>();

  /**
   * Takes the configured device profiles.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when one takes a reserved name
   */
  public Profiles(Map<String, ProfileSettings> configured) {
    configured.forEach(
        (name, settings) -> {
          if (!NAME.matcher(name).matches() || OPERATIONS.containsKey(name)) {
            throw new RefusedException(
                Reason.CONFIGURATION_INVALID,
                "profiles: " + Quoted.of(name) + " cannot be a device profile's name",
                "use a-z 0-9 - and none of " + String.join(", ", OPERATIONS.keySet()));
          }
          devices.put(
              name,
              new Profile(name, Identity.ISSUING, settings.validity(), List.of(Purpose.CLIENT)));
        });
  }

  /**
   * A profile for devices and applications.
   *
   * @throws RefusedException {@link Reason#PROFILE_UNKNOWN}
   */
  public Profile device(String name) {
    Profile profile = devices.get(name);
    if (profile == null) {
      throw new RefusedException(
          Reason.PROFILE_UNKNOWN,
          "profile " + Quoted.of(name) + " is not known",
          "use one of " + String.join(", ", devices.keySet()) + ", or add it to config.yaml");
    }
    return profile;
  }

  /** A profile for this installation's own certificates: server, broker or operator. */
  public static Profile operations(String name) {
    Profile profile = OPERATIONS.get(name);
    if (profile == null) {
      throw new IllegalArgumentException(name);
    }
    return profile;
  }

  /** The profile of brokers' MQTT listeners. */
  public static Profile listener() {
    return LISTENER;
  }

  private static Profile operations(String name, Duration validity, Purpose... purposes) {
    return new Profile(name, Identity.OPERATIONS, validity, List.of(purposes));
  }
}
