package io.guardbee.service.config;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Every setting of the service, valid as a whole. Defaults stand once, in the {@code config.yaml}
 * that is written into a new home.
 */
public record Config(
    String organization,
    Listen listen,
    Hsm hsm,
    Tls tls,
    Tokens tokens,
    Map<String, ProfileSettings> profiles,
    Limits limits,
    Revocation revocation) {

  public Config {
    profiles = Map.copyOf(profiles);
    if (organization.length() > 64) {
      throw invalid("organization", organization, "give at most 64 characters (RFC 5280)");
    }
  }

  /** The same, listening elsewhere. */
  public Config listeningOn(Listen other) {
    return new Config(organization, other, hsm, tls, tokens, profiles, limits, revocation);
  }

  /** Addresses and ports; 0 takes any free port. */
  public record Listen(String bind, int https, int http, int mqtts, List<String> names) {
    public Listen {
      names = List.copyOf(names);
      checkPort("listen.https", https);
      checkPort("listen.http", http);
      checkPort("listen.mqtts", mqtts);
    }

    /** The same with a free port in the place of every 0. */
    public Listen withFreePorts() {
      return new Listen(
          bind,
          FreePorts.orFree(bind, https),
          FreePorts.orFree(bind, http),
          FreePorts.orFree(bind, mqtts),
          names);
    }

    private static void checkPort(String key, int port) {
      if (port < 0 || port > 65535) {
        throw invalid(key, port, "give a port from 1 to 65535, or 0 for any free one");
      }
    }
  }

  /**
   * The token of the CA keys.
   *
   * @param uri RFC 7512; blank for the embedded SoftHSM
   */
  public record Hsm(String uri) {}

  /**
   * The HTTPS server.
   *
   * @param key RFC 7512, the key to present; blank for the key {@code https} in the CA token
   */
  public record Tls(String key) {
    public Tls {
      if (!key.isBlank() && !key.startsWith("pkcs11:")) {
        throw invalid("tls.key", key, "write pkcs11:token=…;object=…, or \"\" for the CA token");
      }
    }
  }

  /** One-time tokens. */
  public record Tokens(Duration validity) {
    public Tokens {
      checkPositive("tokens.validity", validity);
    }
  }

  /** What a profile may change of the built-in rules. */
  public record ProfileSettings(Duration validity) {
    public ProfileSettings {
      checkPositive("profiles.*.validity", validity);
    }
  }

  /** Bounds on what a caller may send. */
  public record Limits(int requestBytes, int factoryRows) {
    public Limits {
      if (requestBytes < 4096) {
        throw invalid("limits.requestBytes", requestBytes, "give at least 4096");
      }
      if (factoryRows < 1) {
        throw invalid("limits.factoryRows", factoryRows, "give at least 1");
      }
    }
  }

  /** How revocation behaves. */
  public record Revocation(Duration acknowledgeTimeout) {
    public Revocation {
      checkPositive("revocation.acknowledgeTimeout", acknowledgeTimeout);
    }
  }

  private static void checkPositive(String key, Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw invalid(key, duration, "give a duration above zero, such as PT24H");
    }
  }

  private static RefusedException invalid(String key, Object value, String fix) {
    return new RefusedException(
        Reason.CONFIGURATION_INVALID, key + ": " + value + " is not allowed", fix);
  }
}
