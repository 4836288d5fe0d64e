package io.guardbee.broker.policy;

import io.guardbee.files.SafeFiles;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The service's versions on disk, with the SHA-256 of all else in the file: one that is torn or
 * altered counts as none.
 */
final class PolicyStore {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String CHECK = "sha256";
  private static final int FORMAT = 1;

  private final Path file;

  /**
   * What was kept.
   *
   * @param enforced null while a file decides
   * @param observed null when none is
   * @param refused null when none is
   */
  record Kept(
      @Nullable Version enforced, @Nullable Version observed, @Nullable RefusedVersion refused) {

    static final Kept NOTHING = new Kept(null, null, null);

    /** Whether a version was to be enforced here. */
    boolean wasTold() {
      return enforced != null || refused != null;
    }
  }

  PolicyStore(Path folder) {
    this.file = folder.resolve("policy.json");
  }

  boolean exists() {
    return Files.exists(file);
  }

  @Override
  public String toString() {
    return file.toString();
  }

  /**
   * Reads the file, which exists.
   *
   * @throws IOException when it is damaged, or holds what is no policy; the message says which
   */
  Kept load() throws IOException {
    try {
      JsonNode read = JSON.readTree(Files.readString(file));
      if (!(read instanceof ObjectNode node)) {
        throw new IOException("it is no JSON object");
      }
      JsonNode check = node.remove(CHECK);
      if (check == null || !sumOf(node).equals(check.asString(""))) {
        throw new IOException("its checksum does not fit");
      }
      if (node.path("format").asInt(0) != FORMAT) {
        throw new IOException("it is of another format");
      }
      return new Kept(
          version(node.path("enforced")),
          version(node.path("observed")),
          refused(node.path("refused")));
    } catch (JacksonException e) {
      throw new IOException("it does not parse", e);
    } catch (RefusedException e) {
      throw new IOException(e.line(), e);
    }
  }

  private static @Nullable Version version(JsonNode node) {
    return node.isObject()
        ? Version.read(node.path("version").asLong(0), node.path("text").asString(""))
        : null;
  }

  private static @Nullable RefusedVersion refused(JsonNode node) {
    return node.isObject()
        ? new RefusedVersion(node.path("version").asLong(0), node.path("reason").asString(""))
        : null;
  }

  /** Replaces the file; when this returns it is on the disk. */
  void save(Kept kept) throws IOException {
    ObjectNode node = JSON.createObjectNode();
    node.put("format", FORMAT);
    node.set("enforced", json(kept.enforced()));
    node.set("observed", json(kept.observed()));
    RefusedVersion refused = kept.refused();
    if (refused != null) {
      node.set(
          "refused",
          JSON.createObjectNode().put("version", refused.number()).put("reason", refused.reason()));
    }
    node.put(CHECK, sumOf(node));
    SafeFiles.writePublic(file, JSON.writeValueAsString(node) + "\n");
  }

  private static JsonNode json(@Nullable Version version) {
    if (version == null) {
      return JSON.nullNode();
    }
    return JSON.createObjectNode()
        .put("version", version.number())
        .put("text", version.policy().text());
  }

  private static String sumOf(ObjectNode node) {
    return Fingerprint.of(JSON.writeValueAsString(node).getBytes(StandardCharsets.UTF_8))
        .toString();
  }
}
