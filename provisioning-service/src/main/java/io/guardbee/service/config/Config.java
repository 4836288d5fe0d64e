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
    Db db,
    Map<String, ProfileSettings> profiles,
    Approval approval,
    Limits limits,
    Revocation revocation,
    Clones clones) {

  public Config {
    profiles = Map.copyOf(profiles);
    if (organization.length() > 64) {
      throw invalid("organization", organization, "give at most 64 characters (RFC 5280)");
    }
  }

  /** The same, listening elsewhere. */
  public Config listeningOn(Listen other) {
    return new Config(
        organization, other, hsm, tls, tokens, db, profiles, approval, limits, revocation, clones);
  }

  /**
   * Addresses and ports; 0 takes any free port.
   *
   * @param wss of the broker, MQTT over secure WebSocket; negative for none
   */
  public record Listen(String bind, int https, int http, int mqtts, int wss, List<String> names) {
    public Listen {
      names = List.copyOf(names);
      checkPort("listen.https", https);
      checkPort("listen.http", http);
      checkPort("listen.mqtts", mqtts);
      checkPort("listen.wss", Math.max(0, wss));
    }

    /** The same with a free port in the place of every 0. */
    public Listen withFreePorts() {
      FreePorts free = new FreePorts(bind);
      return new Listen(
          bind, free.orFree(https), free.orFree(http), free.orFree(mqtts), free.orFree(wss), names);
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

  /**
   * The database.
   *
   * @param url JDBC; blank for the embedded one
   * @param passwordFile holds the password alone; blank for none
   * @param connections kept open at most
   */
  public record Db(String url, String user, String passwordFile, int connections) {
    public Db {
      if (!url.isBlank() && !url.startsWith("jdbc:postgresql:")) {
        throw invalid("db.url", url, "write jdbc:postgresql://host/database, or \"\" for H2");
      }
      checkAtLeast("db.connections", connections, 2);
    }
  }

  /** The rules of one profile as they are written; {@code Profiles} gives them their meaning. */
  public record ProfileSettings(
      Duration validity,
      String issuer,
      String subject,
      List<String> names,
      List<String> requestedNames,
      List<String> keys,
      List<String> purposes,
      List<String> who,
      String approval,
      Renewal renewal,
      int certificates,
      String serverKeys,
      Est est) {
    public ProfileSettings {
      checkPositive("profiles.*.validity", validity);
      checkAtLeast("profiles.*.certificates", certificates, 1);
      names = List.copyOf(names);
      requestedNames = List.copyOf(requestedNames);
      keys = List.copyOf(keys);
      purposes = List.copyOf(purposes);
      who = List.copyOf(who);
    }
  }

  /**
   * How certificates of a profile follow one another.
   *
   * @param from share of a certificate's life after which it is due
   * @param jitter over how long devices spread their renewals
   * @param key {@code any}, {@code new} or {@code same}
   * @param overlap how long the one before stays good
   * @param expiredGrace how long after its end a certificate may still re-enrol
   */
  public record Renewal(
      double from, Duration jitter, String key, Duration overlap, Duration expiredGrace) {
    public Renewal {
      if (!(from > 0 && from < 1)) {
        throw invalid(
            "profiles.*.renewal.from", from, "give a share between 0 and 1, such as 0.66");
      }
      checkNotNegative("profiles.*.renewal.jitter", jitter);
      checkNotNegative("profiles.*.renewal.overlap", overlap);
      checkNotNegative("profiles.*.renewal.expiredGrace", expiredGrace);
    }
  }

  /**
   * What a profile's EST clients like.
   *
   * @param csrattrs {@code rfc8951} or {@code rfc9908}
   * @param lineLength of base64 in answers; 0 for one line
   */
  public record Est(String csrattrs, int lineLength) {
    public Est {
      if (lineLength != 0 && (lineLength < 4 || lineLength > 76)) {
        throw invalid("profiles.*.est.lineLength", lineLength, "give 0, or 4 to 76 (RFC 2045)");
      }
    }
  }

  /**
   * Approval of enrolments beyond their grant.
   *
   * @param retryAfter how long a device waits before it asks again
   */
  public record Approval(Duration retryAfter, Webhook webhook) {
    public Approval {
      checkPositive("approval.retryAfter", retryAfter);
    }
  }

  /**
   * Who is asked for approval over HTTPS.
   *
   * @param url blank for nobody
   * @param secretFile holds the secret that signs the questions
   * @param trustFile PEM of the authorities believed; blank for Java's own
   * @param timeout for one answer
   */
  public record Webhook(
      String url, String secretFile, String trustFile, Duration timeout, int attempts) {
    public Webhook {
      if (!url.isBlank() && !url.startsWith("https://")) {
        throw invalid("approval.webhook.url", url, "write https://…, or \"\" for none");
      }
      if (!url.isBlank() && secretFile.isBlank()) {
        throw invalid(
            "approval.webhook.secretFile", "\"\"", "name a file that holds a random secret");
      }
      checkPositive("approval.webhook.timeout", timeout);
      checkAtLeast("approval.webhook.attempts", attempts, 1);
    }
  }

  /**
   * Bounds on what callers may do.
   *
   * @param requestTime for a request to arrive in full
   * @param connections open at one time, apart from those of operators and brokers
   * @param connectionsPerAddress of these, from one address
   * @param handshakesPerAddress TLS handshakes a minute from one address; 0 for no limit
   * @param requestsAtOnce handled at one time, apart from those of operators and brokers
   * @param requestsPerAddress under way at one time from one address
   * @param feeds status feeds open at one time
   * @param factoryStreams open at one time
   * @param queue requests that wait for the module
   * @param perAddress requests a minute from one address; 0 for no limit
   * @param perIdentity enrolment requests a minute for one device; 0 for no limit
   * @param refusals kept for explanations
   * @param factoryRows rows of one factory stream
   */
  public record Limits(
      int requestBytes,
      Duration requestTime,
      int connections,
      int connectionsPerAddress,
      int handshakesPerAddress,
      int requestsAtOnce,
      int requestsPerAddress,
      int feeds,
      int factoryStreams,
      int queue,
      int perAddress,
      int perIdentity,
      int refusals,
      int factoryRows) {
    public Limits {
      checkAtLeast("limits.requestBytes", requestBytes, 4096);
      checkPositive("limits.requestTime", requestTime);
      checkAtLeast("limits.connections", connections, 1);
      checkAtLeast("limits.connectionsPerAddress", connectionsPerAddress, 1);
      checkAtLeast("limits.handshakesPerAddress", handshakesPerAddress, 0);
      checkAtLeast("limits.requestsAtOnce", requestsAtOnce, 1);
      checkAtLeast("limits.requestsPerAddress", requestsPerAddress, 1);
      checkAtLeast("limits.feeds", feeds, 1);
      checkAtLeast("limits.factoryStreams", factoryStreams, 1);
      checkAtLeast("limits.queue", queue, 1);
      checkAtLeast("limits.perAddress", perAddress, 0);
      checkAtLeast("limits.perIdentity", perIdentity, 0);
      checkAtLeast("limits.refusals", refusals, 0);
      checkAtLeast("limits.factoryRows", factoryRows, 1);
    }
  }

  /**
   * How revocation behaves.
   *
   * @param acknowledgeTimeout how long a revocation waits for connected brokers
   * @param address where others fetch CRL and OCSP; blank for the plain HTTP listener
   * @param crlValidity from a list's issue to its nextUpdate
   */
  public record Revocation(Duration acknowledgeTimeout, String address, Duration crlValidity) {
    public Revocation {
      checkPositive("revocation.acknowledgeTimeout", acknowledgeTimeout);
      checkPositive("revocation.crlValidity", crlValidity);
      if (!address.isBlank() && !address.startsWith("http://")) {
        throw invalid(
            "revocation.address", address, "write http://host[:port] (RFC 5280 §8 warns of https)");
      }
    }
  }

  /**
   * What follows when a broker reports one certificate in two places.
   *
   * @param suspend whether a device is suspended for it, where the policy in force says so
   * @param perMinute devices that one broker can have suspended in a minute
   * @param perDay devices that one broker can have suspended in a day
   */
  public record Clones(boolean suspend, int perMinute, int perDay) {
    public Clones {
      checkAtLeast("clones.perMinute", perMinute, 1);
      checkAtLeast("clones.perDay", perDay, 1);
    }
  }

  private static void checkNotNegative(String key, Duration duration) {
    if (duration.isNegative()) {
      throw invalid(key, duration, "give a duration of zero or more, such as P14D");
    }
  }

  private static void checkAtLeast(String key, int value, int least) {
    if (value < least) {
      throw invalid(key, value, "give at least " + least);
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
