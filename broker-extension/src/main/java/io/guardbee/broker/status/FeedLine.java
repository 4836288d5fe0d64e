package io.guardbee.broker.status;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

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

    boolean blocks() {
      return !status.equals("active");
    }
  }

  record Heartbeat(long event) implements FeedLine {}

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
        default -> new Unknown(event);
      };
    } catch (JacksonException | DateTimeParseException | RefusedException e) {
      throw new IllegalArgumentException("not a line of the feed: " + Quoted.of(text), e);
    }
  }

  private static List<BlockedCertificate> certificates(JsonNode line) {
    List<BlockedCertificate> certificates = new ArrayList<>();
    line.path("certificates").forEach(node -> certificates.add(certificate(node)));
    return certificates;
  }

  static BlockedCertificate certificate(JsonNode node) {
    return new BlockedCertificate(
        new CertificateKey(
            node.path("issuer").asString(), Serial.parse(node.path("serial").asString())),
        node.path("deviceId").asString(),
        node.path("status").asString(),
        Instant.parse(node.path("until").asString()));
  }
}
