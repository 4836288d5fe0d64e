package io.guardbee.broker.status;

import io.guardbee.files.SafeFiles;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The feed that this node has refused, and an operator's word that it is to be followed all the
 * same: two small files beside the status, by which a command and the running node speak. A feed
 * that was refused stays refused until the operator approves it, whatever its numbers become.
 */
public final class FeedApproval {

  private static final Logger LOG = LoggerFactory.getLogger(FeedApproval.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int LARGEST = 4096;

  private final Path refused;
  private final Path approved;

  /**
   * Reads nothing yet.
   *
   * @param folder where the status is kept
   */
  public FeedApproval(Path folder) {
    this.refused = folder.resolve("feed-refused.json");
    this.approved = folder.resolve("feed-approved");
  }

  /**
   * A feed that is not followed.
   *
   * @param signer subject and fingerprint of the authority that signed its head
   * @param knownFeed what this node follows
   * @param knownEvent the last event of that which is in force here
   * @param at ISO 8601
   */
  public record Refused(
      String feed,
      long event,
      String signer,
      String knownFeed,
      long knownEvent,
      String why,
      String at) {}

  /** The feed that was refused last and was not approved since. */
  public Optional<Refused> refused() {
    try {
      return Files.isRegularFile(refused) && Files.size(refused) <= LARGEST
          ? Optional.of(JSON.readValue(Files.readString(refused), Refused.class))
          : Optional.empty();
    } catch (IOException | JacksonException e) {
      LOG.warn("{} does not read: {}", refused, e.toString());
      return Optional.empty();
    }
  }

  /**
   * Has the node follow the refused feed once it comes to it again.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when it is not the refused one
   */
  public void approve(String feed) throws IOException {
    if (refused().filter(one -> one.feed().equals(feed)).isEmpty()) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "feed " + feed + " is not the one that this node refuses",
          "see the refused one with guardbee broker accept-feed");
    }
    SafeFiles.writePublic(approved, feed + "\n");
  }

  boolean isRefused(String feed) {
    return refused().filter(one -> one.feed().equals(feed)).isPresent();
  }

  boolean isApproved(String feed) {
    try {
      return Files.isRegularFile(approved)
          && Files.size(approved) <= LARGEST
          && Files.readString(approved, StandardCharsets.UTF_8).strip().equals(feed);
    } catch (IOException e) {
      LOG.warn("{} does not read: {}", approved, e.toString());
      return false;
    }
  }

  /** Uses the operator's word up: it is good once. */
  void use() {
    try {
      SafeFiles.delete(approved);
      forget();
    } catch (IOException e) {
      throw new RefusedException(
          Reason.STORAGE_FAILED,
          approved + " cannot be deleted: " + e.getMessage(),
          "make the data folder writable for the broker");
    }
  }

  /** Another feed is followed: what was refused before does not matter. */
  void forget() throws IOException {
    if (Files.exists(refused)) {
      SafeFiles.delete(refused);
    }
  }

  void refuse(Refused feed) {
    try {
      SafeFiles.writePublic(refused, JSON.writeValueAsString(feed) + "\n");
    } catch (IOException e) {
      LOG.error("{} not written, the feed is refused all the same: {}", refused, e.toString());
    }
  }
}
