package io.guardbee.broker.status;

import io.guardbee.files.SafeFiles;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The last known status on disk: one JSON object a line, the last line the SHA-256 of all before. A
 * file that is torn or altered counts as none.
 */
final class StatusStore {

  private static final Logger LOG = LoggerFactory.getLogger(StatusStore.class);
  private static final String CHECK = "sha256:";
  private static final int VERSION = 1;

  private final Path file;

  StatusStore(Path folder) {
    this.file = folder.resolve("status.ndjson");
  }

  /** Fills the index from the file; leaves it as it is when there is no whole one. */
  void load(StatusIndex index) {
    if (!Files.exists(file)) {
      return;
    }
    try {
      String text = Files.readString(file);
      int check = text.lastIndexOf(CHECK);
      String body = text.substring(0, Math.max(check, 0));
      if (check < 0 || !text.substring(check).equals(sumOf(body) + "\n")) {
        throw new IOException("its checksum does not fit");
      }
      fill(index, body.lines().toList());
      LOG.info(
          "status of event {} read from {}: {} certificates blocked, service last heard {}",
          index.event(),
          file,
          index.size(),
          index.contact());
    } catch (IOException | JacksonException | DateTimeParseException | RefusedException e) {
      LOG.error(
          "status file {} is damaged and not used: {}; nobody comes in until the service answers",
          file,
          e.getMessage());
    }
  }

  private static void fill(StatusIndex index, List<String> lines) throws IOException {
    JsonNode head = FeedLine.JSON.readTree(lines.get(0));
    if (head.path("version").asInt() != VERSION) {
      throw new IOException("it is of another version");
    }
    List<BlockedCertificate> certificates = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      certificates.add(FeedLine.certificate(FeedLine.JSON.readTree(line)));
    }
    index.replace(head.path("feed").asString(), head.path("event").asLong(), certificates);
    index.heard(Instant.parse(head.path("contact").asString()));
  }

  /** Writes the index so that either the old file or the new one is there after a power cut. */
  void save(StatusIndex index) throws IOException {
    // the event number first: what the set holds beyond it will only be applied once more
    String head = head(index);
    StringBuilder body = new StringBuilder(head).append('\n');
    index.all().forEach(certificate -> body.append(line(certificate)).append('\n'));
    byte[] bytes = (body + sumOf(body.toString()) + "\n").getBytes(StandardCharsets.UTF_8);
    SafeFiles.writePublic(file, bytes);
  }

  private static String head(StatusIndex index) {
    ObjectNode head = FeedLine.JSON.createObjectNode();
    head.put("version", VERSION);
    head.put("event", index.event());
    head.put("feed", index.feed());
    head.put("contact", index.contact().toString());
    return head.toString();
  }

  private static String line(BlockedCertificate certificate) {
    ObjectNode node = FeedLine.JSON.createObjectNode();
    node.put("issuer", certificate.key().issuer());
    node.put("serial", certificate.key().serial().toString());
    node.put("deviceId", certificate.deviceId());
    node.put("status", certificate.status());
    node.put("until", certificate.until().toString());
    return node.toString();
  }

  private static String sumOf(String body) {
    return Fingerprint.of(body.getBytes(StandardCharsets.UTF_8)).toString();
  }
}
