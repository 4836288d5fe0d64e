package io.guardbee.broker.config;

import io.guardbee.broker.yaml.Section;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;

/**
 * Every setting of the extension, checked. Paths are absolute.
 *
 * @param services addresses of the provisioning service, at least one, https only
 * @param certificate PEM, this node's certificate chain of the operations authority
 * @param key PEM (PKCS#8), the key to it
 * @param serviceTrust PEM, the anchor for the service's certificate
 * @param tlsKey RFC 7512, the key that MQTT listeners present; empty for one made in memory
 * @param issuing PEM, the authorities whose device certificates may come in
 * @param maxStaleness how long the last known status is good for without contact
 * @param allowStale whether new connections may come in after that
 */
public record BrokerConfig(
    String node,
    List<URI> services,
    Path certificate,
    Path key,
    Path serviceTrust,
    String tlsKey,
    List<Path> issuing,
    Path policy,
    Duration maxStaleness,
    boolean allowStale) {

  public static final String FILE = "conf/guardbee.yaml";
  private static final String PREFIX = "guardbee.";

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
      top.only("node", "service", "identity", "trust", "tls", "policy", "status");
      Section identity = top.section("identity").only("certificate", "key");
      Section trust = top.section("trust").only("service", "issuing");
      Section status = top.section("status").only("maxStaleness", "whenStale");
      return new BrokerConfig(
          one(top, "node", ""),
          many(top, "service", "").stream().map(this::address).toList(),
          file(one(identity, "certificate", "identity.")),
          file(one(identity, "key", "identity.")),
          file(one(trust, "service", "trust.")),
          tlsKey(top.section("tls").only("key")),
          many(trust, "issuing", "trust.").stream().map(this::file).toList(),
          file(one(top, "policy", "")),
          staleness(status),
          whenStale(status));
    }

    /** Left out by the files of earlier versions: they are the operator's. */
    private String tlsKey(Section tls) {
      String text = overrides.getProperty(PREFIX + "tls.key", tls.text("key", "")).strip();
      if (text.isEmpty() || text.startsWith("pkcs11:")) {
        return text;
      }
      throw tls.refused(
          "key " + Quoted.of(text), "write pkcs11:token=…;object=…, or \"\" for one in memory");
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
      String text = override(status, "maxStaleness", "PT24H");
      try {
        Duration value = Duration.parse(text);
        if (value.compareTo(Duration.ZERO) > 0) {
          return value;
        }
      } catch (DateTimeParseException e) {
        // refused below like a negative one
      }
      throw status.refused("maxStaleness " + Quoted.of(text), "write an ISO 8601 time, PT24H");
    }

    private boolean whenStale(Section status) {
      String text = override(status, "whenStale", "refuse");
      return switch (text) {
        case "refuse" -> false;
        case "allow" -> true;
        default -> throw status.refused("whenStale " + Quoted.of(text), "write refuse or allow");
      };
    }

    private String override(Section status, String key, String otherwise) {
      return overrides.getProperty(PREFIX + "status." + key, status.text(key, otherwise));
    }
  }
}
