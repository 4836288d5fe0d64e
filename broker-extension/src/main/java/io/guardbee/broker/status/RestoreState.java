package io.guardbee.broker.status;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The restore windows in force, kept on disk in {@code restore.json}: the line of the feed that
 * would tell them, and a line with its SHA-256. Any thread may ask and never waits; one thread
 * changes it.
 */
public final class RestoreState {

  private static final Logger LOG = LoggerFactory.getLogger(RestoreState.class);
  private static final long LARGEST = 64L << 20;

  private final @Nullable Path file;
  private volatile RestoreWindows current;
  private volatile long fingerprint;

  /** Kept in memory alone. */
  RestoreState() {
    this.file = null;
    this.current = RestoreWindows.NONE;
  }

  private RestoreState(Path file, RestoreWindows current) {
    this.file = file;
    this.current = current;
    this.fingerprint = fingerprintOf(current);
  }

  /** Reads what was told before; where it is damaged nobody comes in until it is told again. */
  static RestoreState in(Path folder) {
    Path file = folder.resolve("restore.json");
    try {
      return new RestoreState(file, load(file));
    } catch (IOException | IllegalArgumentException e) {
      LOG.error(
          "{} is damaged: {}; nobody comes in until the service tells it again",
          file,
          e.toString());
      return new RestoreState(file, RestoreWindows.LOST);
    }
  }

  private static RestoreWindows load(Path file) throws IOException {
    if (!Files.exists(file)) {
      return RestoreWindows.NONE;
    }
    String line = new ChecksummedFile(file, LARGEST).read();
    if (FeedLine.parse(line) instanceof FeedLine.Restored told) {
      return new RestoreWindows(told.windows(), Set.copyOf(told.confirmed()));
    }
    throw new IOException("it holds something else");
  }

  /**
   * Notices that the file is missing, or an older one.
   *
   * @param told the fingerprint of what the service has told; where it is another than that of what
   *     is here, nobody comes in until it is told again
   */
  void requireTold(long told) {
    if (told == 0 || told == fingerprint) {
      return;
    }
    if (!current.equals(RestoreWindows.LOST)) {
      LOG.error(
          "{} is not what the service has told; nobody comes in until it is told again", file);
    }
    current = RestoreWindows.LOST;
    fingerprint = told;
  }

  /**
   * Tells the windows that the service has told from any others; 0 for none. Any thread may ask.
   */
  long fingerprint() {
    return fingerprint;
  }

  /** What is in force. */
  public RestoreWindows current() {
    return current;
  }

  /**
   * All that a head tells, in the place of what was told before; no line says that there is none.
   */
  void replace(List<FeedLine.Restored> told) {
    Set<CertificateKey> confirmed = new HashSet<>();
    told.forEach(line -> confirmed.addAll(line.confirmed()));
    put(
        told.isEmpty()
            ? RestoreWindows.NONE
            : new RestoreWindows(told.get(0).windows(), confirmed));
  }

  /** An event: the windows as they are now, and further certificates that are confirmed. */
  void add(FeedLine.Restored told) {
    Set<CertificateKey> confirmed = new HashSet<>(current.confirmed());
    confirmed.addAll(told.confirmed());
    put(new RestoreWindows(told.windows(), confirmed));
  }

  private void put(RestoreWindows next) {
    if (next.equals(current)) {
      return;
    }
    current = next; // first: it is in force even where it cannot be kept
    fingerprint = fingerprintOf(next);
    if (file != null) {
      try {
        new ChecksummedFile(file, LARGEST).write(FeedLine.Restored.text(next));
      } catch (IOException e) {
        LOG.error("{} not written, what it tells is in force all the same: {}", file, e.toString());
      }
    }
    LOG.warn(
        "restore windows {}: certificates that begin in one are refused, except {} that the service"
            + " has confirmed",
        next.windows(),
        next.confirmed().size());
  }

  /** Without what is confirmed: where an older file is read, less is, and more refused. */
  private static long fingerprintOf(RestoreWindows windows) {
    if (windows.windows().isEmpty() || windows.equals(RestoreWindows.LOST)) {
      return 0;
    }
    byte[] text = windows.windows().toString().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.wrap(Chain.sha256().digest(text)).getLong();
  }
}
