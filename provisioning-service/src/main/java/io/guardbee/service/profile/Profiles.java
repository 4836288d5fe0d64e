package io.guardbee.service.profile;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.config.Config.ProfileSettings;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The profiles of this installation: built-in and configured. Immutable. */
public final class Profiles {

  /** The profile of a grant that names none. */
  public static final String DEFAULT = "sensor";

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  /** Installation's own, and EST's operations, which no label may be (RFC 7030 §3.2.2). */
  private static final Set<String> RESERVED =
      new TreeSet<>(
          Set.of(
              "operator",
              "broker",
              "https",
              "ocsp",
              "cacerts",
              "simpleenroll",
              "simplereenroll",
              "fullcmc",
              "serverkeygen",
              "csrattrs"));

  private final Map<String, Profile> devices = new TreeMap<>();

  /**
   * Takes the configured profiles.
   *
   * @param organization the O of their subjects; blank for none
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when a rule is not understood, or
   *     one takes a reserved name
   */
  public Profiles(Map<String, ProfileSettings> configured, String organization) {
    this(configured, organization, new ReservedNames());
  }

  /**
   * The same.
   *
   * @param reserved names that nobody can be granted
   */
  public Profiles(
      Map<String, ProfileSettings> configured, String organization, ReservedNames reserved) {
    configured.forEach(
        (name, settings) -> {
          if (!NAME.matcher(name).matches() || RESERVED.contains(name)) {
            throw new RefusedException(
                Reason.CONFIGURATION_INVALID,
                "profiles: " + Quoted.of(name) + " cannot be a profile's name",
                "use a-z 0-9 - and none of " + String.join(", ", RESERVED));
          }
          devices.put(name, ProfileReader.read(name, settings, organization, reserved));
        });
  }

  /**
   * A profile that may be granted.
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

  /** Whether devices have a profile of that name. */
  public boolean isDevices(String name) {
    return devices.containsKey(name);
  }

  /** All that may be granted, by name. */
  public List<Profile> all() {
    return List.copyOf(devices.values());
  }
}
