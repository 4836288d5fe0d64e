package io.guardbee.broker.config;

import io.guardbee.broker.yaml.Section;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Every setting of the extension, checked. Paths are absolute.
 *
 * @param services addresses of the provisioning service, at least one, https only
 * @param certificate PEM, this node's certificate chain of the operations authority
 * @param key PEM (PKCS#8), the key to it
 * @param serviceTrust PEM, the anchor for the service's certificate
 * @param tlsKey RFC 7512, the key that MQTT listeners present; empty for one of the node's own
 * @param tlsSessions what of a TLS session is kept for the next connection
 * @param issuing PEM, the authorities whose device certificates may come in until the service has
 *     told others
 * @param maxStaleness how long the last known status is good for without contact
 * @param allowStale whether new connections may come in after that
 * @param metrics where metrics and health are served over HTTP; null for nowhere
 * @param connections what listeners accept; in force where {@code guardbee broker run} runs HiveMQ
 */
public record BrokerConfig(
    String node,
    List<URI> services,
    Path certificate,
    Path key,
    Path serviceTrust,
    String tlsKey,
    TlsSessions tlsSessions,
    List<Path> issuing,
    Path policy,
    Duration maxStaleness,
    boolean allowStale,
    @Nullable InetSocketAddress metrics,
    Connections connections) {

  /**
   * Resumption of TLS sessions.
   *
   * @param cacheSize how many sessions each listener keeps itself, for clients without tickets
   * @param lifetime how long a session may be resumed, kept here or in a ticket
   */
  public record TlsSessions(int cacheSize, Duration lifetime) {}

  /**
   * Limits before TLS.
   *
   * @param max open connections; 0 for a share of the files that the process may open
   * @param maxPerAddress of these from one IPv4 address or IPv6 /64; 0 for a share of all
   * @param handshakes unfinished TLS handshakes
   * @param handshakesPerAddress of these from one address
   * @param handshakeTimeout for a whole handshake
   */
  public record Connections(
      int max,
      int maxPerAddress,
      int handshakes,
      int handshakesPerAddress,
      Duration handshakeTimeout) {}

  /** How names of metrics in the broker's registry begin that belong to listeners. */
  public static final String LISTENER_METRICS = "io.guardbee.listener.";

  public static final String FILE = "conf/guardbee.yaml";
  private static final String PREFIX = "guardbee.";
  private static final Duration LONGEST_SESSION = Duration.ofDays(1);
  private static final int MOST_SESSIONS = 10_000_000;
  private static final int MOST_CONNECTIONS = 100_000_000;
  private static final Duration LONGEST_HANDSHAKE = Duration.ofMinutes(1);

  public BrokerConfig {
    services = List.copyOf(services);
    issuing = List.copyOf(issuing);
  }

  /**
   * Reads the configuration of an extension.
   *
   * @param folder the extension's folder
   * @param overrides properties named {@code guardbee.} and the key, dots between levels
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} naming file, key and what is
   *     valid
   */
  public static BrokerConfig read(Path folder, Properties overrides) {
    Path file = folder.resolve(FILE);
    try {
      Section top =
          Section.parse(Files.readString(file), file.toString(), Reason.CONFIGURATION_INVALID);
      return new Reader(folder, overrides, top).read();
    } catch (IOException e) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "cannot read " + file,
          "restore it from the extension zip and make it readable for the broker");
    }
  }

  /** One pass over the file; a system property stands above the file's value. */
  private record Reader(Path folder, Properties overrides, Section top) {

    BrokerConfig read() {
      top.only(
          "node",
          "service",
          "identity",
          "trust",
          "tls",
          "connections",
          "policy",
          "status",
          "metrics");
      Section tls = top.section("tls").only("key", "session");
      Section identity = top.section("identity").only("certificate", "key");
      Section trust = top.section("trust").only("service", "issuing");
      Section status = top.section("status").only("maxStaleness", "whenStale");
      return new BrokerConfig(
          one(top, "node", ""),
          many(top, "service", "").stream().map(this::address).toList(),
          file(one(identity, "certificate", "identity.")),
          file(one(identity, "key", "identity.")),
          file(one(trust, "service", "trust.")),
          tlsKey(tls),
          sessions(tls.section("session").only("cacheSize", "lifetime")),
          many(trust, "issuing", "trust.").stream().map(this::file).toList(),
          file(one(top, "policy", "")),
          staleness(status),
          whenStale(status),
          metrics(top.section("metrics").only("listen")),
          connections(
              top.section("connections")
                  .only(
                      "max",
                      "maxPerAddress",
                      "handshakes",
                      "handshakesPerAddress",
                      "handshakeTimeout")));
    }

    /** Left out by the files of earlier versions: they are the operator's. */
    private String tlsKey(Section tls) {
      String text = overrides.getProperty(PREFIX + "tls.key", tls.text("key", "")).strip();
      if (text.isEmpty() || text.startsWith("pkcs11:")) {
        return text;
      }
      throw tls.refused(
          "key " + Quoted.of(text), "write pkcs11:token=…;object=…, or \"\" for one of its own");
    }

    private TlsSessions sessions(Section session) {
      String size = override(session, "tls.session.", "cacheSize", "10000");
      String life = override(session, "tls.session.", "lifetime", "PT1H");
      if (!size.matches("[0-9]{1,8}")
          || Integer.parseInt(size) < 1 // JSSE takes 0 for "no limit"
          || Integer.parseInt(size) > MOST_SESSIONS) {
        throw session.refused(
            "cacheSize " + Quoted.of(size), "write a number from 1 to " + MOST_SESSIONS);
      }
      Duration lifetime = duration(session, "lifetime", life, "PT1H");
      if (lifetime.toSeconds() < 1 || lifetime.compareTo(LONGEST_SESSION) > 0) {
        throw session.refused("lifetime " + Quoted.of(life), "write one from PT1S to PT24H");
      }
      return new TlsSessions(Integer.parseInt(size), lifetime);
    }

    private Connections connections(Section section) {
      String time = override(section, "connections.", "handshakeTimeout", "PT10S");
      Duration timeout = duration(section, "handshakeTimeout", time, "PT10S");
      if (timeout.compareTo(LONGEST_HANDSHAKE) > 0) {
        throw section.refused("handshakeTimeout " + Quoted.of(time), "write one up to PT1M");
      }
      return new Connections(
          number(section, "max", "0", 0),
          number(section, "maxPerAddress", "0", 0),
          number(section, "handshakes", "2000", 1),
          number(section, "handshakesPerAddress", "500", 1),
          timeout);
    }

    private int number(Section section, String key, String otherwise, int least) {
      String text = override(section, "connections.", key, otherwise);
      if (text.matches("[0-9]{1,9}")) {
        int value = Integer.parseInt(text);
        if (value >= least && value <= MOST_CONNECTIONS) {
          return value;
        }
      }
      throw section.refused(
          key + " " + Quoted.of(text), "write a number from " + least + " to " + MOST_CONNECTIONS);
    }

    private @Nullable InetSocketAddress metrics(Section section) {
      String text = override(section, "metrics.", "listen", "").strip();
      if (text.isEmpty()) {
        return null;
      }
      try {
        URI uri = URI.create("http://" + text);
        if (uri.getHost() != null && uri.getPort() >= 0 && uri.getPort() <= 65535) {
          InetSocketAddress address = new InetSocketAddress(uri.getHost(), uri.getPort());
          if (!address.isUnresolved() && uri.toString().endsWith(":" + uri.getPort())) {
            return address;
          }
        }
      } catch (IllegalArgumentException e) {
        // refused below like an address of another kind
      }
      throw section.refused(
          "listen " + Quoted.of(text),
          "write address:port such as 127.0.0.1:9399, or \"\" for none");
    }

    private String one(Section section, String key, String prefix) {
      String override = overrides.getProperty(PREFIX + prefix + key);
      return override == null ? section.text(key) : override;
    }

    private List<String> many(Section section, String key, String prefix) {
      String override = overrides.getProperty(PREFIX + prefix + key);
      List<String> values =
          override == null ? section.texts(key) : Arrays.asList(override.split(","));
      if (values.isEmpty()) {
        throw section.refused("key " + Quoted.of(key) + " is missing", "name at least one");
      }
      return values;
    }

    private URI address(String text) {
      try {
        URI uri = URI.create(text.strip());
        if ("https".equals(uri.getScheme()) && uri.getHost() != null) {
          return uri;
        }
      } catch (IllegalArgumentException e) {
        // refused below like an address of another kind
      }
      throw top.refused("service " + Quoted.of(text), "write https://host:port");
    }

    private Path file(String text) {
      return folder.resolve(text.strip()).toAbsolutePath().normalize();
    }

    private Duration staleness(Section status) {
      String text = override(status, "status.", "maxStaleness", "PT24H");
      return duration(status, "maxStaleness", text, "PT24H");
    }

    private static Duration duration(Section section, String key, String text, String example) {
      try {
        Duration value = Duration.parse(text);
        if (value.compareTo(Duration.ZERO) > 0) {
          return value;
        }
      } catch (DateTimeParseException e) {
        // refused below like a negative one
      }
      throw section.refused(key + " " + Quoted.of(text), "write an ISO 8601 time, " + example);
    }

    private boolean whenStale(Section status) {
      String text = override(status, "status.", "whenStale", "refuse");
      return switch (text) {
        case "refuse" -> false;
        case "allow" -> true;
        default -> throw status.refused("whenStale " + Quoted.of(text), "write refuse or allow");
      };
    }

    private String override(Section section, String prefix, String key, String otherwise) {
      return overrides.getProperty(PREFIX + prefix + key, section.text(key, otherwise));
    }
  }
}
