package io.guardbee.service.audit;

import io.guardbee.files.SafeFiles;
import io.guardbee.service.config.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest signed end of the audit log that this home has seen, in {@code audit.head}: beside the
 * database, so that a database which lacks that entry is known for an older copy. Written once a
 * second at most. For one thread at a time.
 */
public final class HeadFile {

  private static final Logger LOG = LoggerFactory.getLogger(HeadFile.class);
  private static final long PAUSE = Duration.ofSeconds(1).toNanos();

  private final Path file;
  private @Nullable SignedHead written;
  private long writtenAt = System.nanoTime() - PAUSE;
  private boolean failing;

  private HeadFile(Path file) {
    this.file = file;
  }

  public static HeadFile in(Home home) {
    return new HeadFile(home.directory().resolve("audit.head"));
  }

  /**
   * What is there; empty when there is none, or what is there is no head.
   *
   * @throws IOException when it cannot be read
   */
  public Optional<SignedHead> read() throws IOException {
    return Files.exists(file)
        ? SignedHead.parse(Files.readString(file).stripTrailing())
        : Optional.empty();
  }

  /** Keeps that head now, or with one of the next calls; a failure is logged once. */
  void keep(SignedHead head, boolean now) {
    if (head.equals(written) || (!now && System.nanoTime() - writtenAt < PAUSE)) {
      return;
    }
    writtenAt = System.nanoTime();
    try {
      SafeFiles.writePublic(file, head.line() + "\n");
      written = head;
      failing = false;
    } catch (IOException e) {
      if (!failing) {
        LOG.warn("{} is not written: {}", file, e.getMessage());
      }
      failing = true;
    }
  }
}
