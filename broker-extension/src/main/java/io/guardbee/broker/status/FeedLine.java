package io.guardbee.broker.status;

import io.guardbee.broker.status.Instructions.PolicyOrder;
import io.guardbee.pki.FeedStatement;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.pki.ceremony.SignedRecord;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One line of the status feed. Unknown fields are ignored: the service may be newer than we are.
 */
sealed interface FeedLine {

  JsonMapper JSON = JsonMapper.builder().build();

  /** The number of the last event that the line speaks of. */
  long event();

  /** A part of the whole status, which replaces what is known once the last part is there. */
  record Snapshot(String feed, long event, boolean last, List<BlockedCertificate> certificates)
      implements FeedLine {}

  /** A change; {@code active} lifts a block, anything else is one. */
  record Status(long event, String deviceId, String status, List<BlockedCertificate> certificates)
      implements FeedLine {

    /** One that lifts a block is only believed with a signature. */
    boolean blocks() {
      return !status.equals("active");
    }
  }

  record Heartbeat(long event) implements FeedLine {}

  /** Whom to believe; event 0 when it is a part of the whole status. */
  record Trusted(long event, Instructions.Trust trust) implements FeedLine {}

  /** What to do with a policy; event 0 when it is a part of the whole status. */
  record Ordered(long event, Instructions.PolicyOrder order) implements FeedLine {}

  /**
   * Times of which the service has lost its records; event 0 when it is a part of the whole status.
   *
   * @param windows all that are open
   * @param confirmed certificates that are on record all the same: some in a line of the head,
   *     further ones in an event
   */
  record Restored(long event, List<RestoreWindows.Window> windows, List<CertificateKey> confirmed)
      implements FeedLine {

    public Restored {
      windows = List.copyOf(windows);
      confirmed = List.copyOf(confirmed);
    }

    /** The line that tells these. */
    static String text(RestoreWindows all) {
      ObjectNode line = JSON.createObjectNode().put("type", "restored").put("event", 0);
      ArrayNode windows = line.putArray("windows");
      all.windows()
          .forEach(
              window ->
                  windows
                      .addObject()
                      .put("from", window.from().toString())
                      .put("until", window.until().toString()));
      ArrayNode confirmed = line.putArray("confirmed");
      all.confirmed()
          .forEach(
              key ->
                  confirmed
                      .addObject()
                      .put("issuer", key.issuer())
                      .put("serial", key.serial().toString()));
      return line.toString();
    }

    private static Restored parse(JsonNode node, long event) {
      List<RestoreWindows.Window> windows = new ArrayList<>();
      for (JsonNode window : required(node, "windows")) {
        windows.add(
            new RestoreWindows.Window(
                Instant.parse(window.path("from").asString()),
                Instant.parse(window.path("until").asString())));
      }
      List<CertificateKey> confirmed = new ArrayList<>();
      for (JsonNode one : required(node, "confirmed")) {
        confirmed.add(
            new CertificateKey(
                one.path("issuer").asString(), Serial.parse(one.path("serial").asString())));
      }
      return new Restored(event, windows, confirmed);
    }

    private static JsonNode required(JsonNode node, String name) {
      if (!node.path(name).isArray()) {
        throw new IllegalArgumentException("there is no list of " + name);
      }
      return node.path(name);
    }
  }

  /** A signature of the next line, or of all lines before. */
  record Signed(FeedStatement statement) implements FeedLine {
    @Override
    public long event() {
      return 0;
    }
  }

  /** An event of a kind that this version does not know: applied by ignoring it. */
  record Unknown(long event) implements FeedLine {}

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException when it is not one: the stream is not to be relied on
   */
  static FeedLine parse(String text) {
    try {
      JsonNode node = JSON.readTree(text);
      long event = node.path("event").asLong();
      return switch (node.path("type").asString("")) {
        case "snapshot" ->
            new Snapshot(
                node.path("feed").asString(),
                event,
                node.path("last").asBoolean(true),
                certificates(node));
        case "status" ->
            new Status(
                event,
                node.path("deviceId").asString(),
                node.path("status").asString(),
                certificates(node));
        case "heartbeat" -> new Heartbeat(event);
        case "signed" ->
            new Signed(
                new FeedStatement(
                    node.path("statement").asString(),
                    node.path("signature").asString(),
                    node.path("signer").asString()));
        case "restored" -> Restored.parse(node, event);
        case "trust", "policy" -> instruction(node, event);
        default -> new Unknown(event);
      };
    } catch (JacksonException | IllegalArgumentException | DateTimeException e) {
      throw new IllegalArgumentException("not a line of the feed: " + Quoted.of(text), e);
    } catch (RefusedException e) {
      throw new IllegalArgumentException("not a line of the feed: " + e.line(), e);
    }
  }

  /** One that cannot be read is as one that is not known: revocations go on without it. */
  private static FeedLine instruction(JsonNode node, long event) {
    try {
      return node.path("type").asString().equals("policy")
          ? new Ordered(event, order(node))
          : new Trusted(
              event,
              new Instructions.Trust(
                  authorities(node, "roots"),
                  authorities(node, "issuing"),
                  records(node),
                  node.path("crl").asString("")));
    } catch (IOException | IllegalArgumentException | RefusedException e) {
      LoggerFactory.getLogger(FeedLine.class).error("event {} cannot be followed", event, e);
      return new Unknown(event);
    }
  }

  private static List<X509Certificate> authorities(JsonNode line, String name) throws IOException {
    List<X509Certificate> authorities = new ArrayList<>();
    for (JsonNode pem : line.path(name)) {
      authorities.addAll(Pem.parseCertificates(pem.asString()));
    }
    return authorities;
  }

  private static List<SignedRecord> records(JsonNode line) {
    List<SignedRecord> records = new ArrayList<>();
    line.path("records")
        .forEach(
            record ->
                records.add(
                    new SignedRecord(
                        record.path("content").asString(), record.path("signature").asString())));
    return records;
  }

  private static PolicyOrder order(JsonNode line) {
    return new PolicyOrder(
        line.path("version").asLong(),
        PolicyOrder.Mode.valueOf(line.path("mode").asString().toUpperCase(Locale.ROOT)),
        line.path("text").asString());
  }

  private static List<BlockedCertificate> certificates(JsonNode line) {
    JsonNode told = line.path("certificates");
    if (!told.isArray()) {
      throw new IllegalArgumentException("there is no list of certificates");
    }
    List<BlockedCertificate> certificates = new ArrayList<>(told.size());
    told.forEach(node -> certificates.add(certificate(node)));
    return certificates;
  }

  static BlockedCertificate certificate(JsonNode node) {
    return new BlockedCertificate(
        new CertificateKey(
            node.path("issuer").asString(), Serial.parse(node.path("serial").asString())),
        node.path("deviceId").asString(),
        node.path("status").asString(),
        Instant.parse(node.path("until").asString()),
        node.path("subject").asString(""));
  }
}
