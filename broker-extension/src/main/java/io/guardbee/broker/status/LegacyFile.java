package io.guardbee.broker.status;

import io.guardbee.pki.Fingerprint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * The file that earlier versions kept the status in: one JSON object a line, the last line the
 * SHA-256 of all before. Read once: an upgrade while the service is away must not lock all out.
 */
final class LegacyFile {

  private static final String CHECK = "sha256:";
  private static final int VERSION = 1;

  private LegacyFile() {}

  /**
   * Fills the index from the file.
   *
   * @throws IOException when it is not what was written; then the index is as before
   */
  static void read(Path file, StatusIndex index) throws IOException {
    String text = Files.readString(file);
    int check = text.lastIndexOf(CHECK);
    String body = text.substring(0, Math.max(check, 0));
    String sum = Fingerprint.of(body.getBytes(StandardCharsets.UTF_8)) + "\n";
    if (check < 0 || !text.substring(check).equals(sum)) {
      throw new IOException("its checksum does not fit");
    }
    List<String> lines = body.lines().toList();
    JsonNode head = FeedLine.JSON.readTree(lines.get(0));
    if (head.path("version").asInt() != VERSION) {
      throw new IOException("it is of another version");
    }
    Instant contact = Instant.parse(head.path("contact").asString());
    StatusRefill refill = index.refill();
    for (String line : lines.subList(1, lines.size())) {
      refill.add(FeedLine.certificate(FeedLine.JSON.readTree(line)));
    }
    index.heard(contact);
    refill.commit(head.path("feed").asString(), head.path("event").asLong());
  }
}
