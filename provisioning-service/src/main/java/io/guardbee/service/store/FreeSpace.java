package io.guardbee.service.store;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whether the disk of an embedded database has room for more. A write that the disk has no room for
 * makes H2 close itself for readers too, so none is tried when little is left. Between the two
 * upper marks the answer stays what it was; down to the lowest one urgent changes have room. Asks
 * the file system once a second at most. Thread-safe.
 */
final class FreeSpace {

  private static final long MIB = 1L << 20;
  private static final long LAST = 8 * MIB;
  private static final long LOW = 32 * MIB;
  private static final long ENOUGH = 64 * MIB;
  private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);

  private final LongSupplier usable;
  private final LongSupplier nanoTime;
  private long askedAt;
  private long left;
  private boolean isShort;

  /**
   * @param usable octets that the disk has left
   * @param nanoTime like {@link System#nanoTime}
   */
  FreeSpace(LongSupplier usable, LongSupplier nanoTime) {
    this.usable = usable;
    this.nanoTime = nanoTime;
    this.askedAt = nanoTime.getAsLong() - INTERVAL;
  }

  /** Of the disk that holds the directory, which exists. */
  static FreeSpace around(Path directory) throws IOException {
    FileStore disk = Files.getFileStore(directory);
    return new FreeSpace(() -> usable(disk), System::nanoTime);
  }

  /** What cannot be asked counts as enough: a write then tells. */
  private static long usable(FileStore disk) {
    try {
      return disk.getUsableSpace();
    } catch (IOException e) {
      return Long.MAX_VALUE;
    }
  }

  /**
   * Whether changes are to be refused.
   *
   * @param urgent of changes that may use the last room
   */
  synchronized boolean isShort(boolean urgent) {
    long now = nanoTime.getAsLong();
    if (now - askedAt >= INTERVAL) {
      askedAt = now;
      left = usable.getAsLong();
      isShort = left < (isShort ? ENOUGH : LOW);
    }
    return urgent ? left < LAST : isShort;
  }

  /** What is left and what it takes, for the operator. */
  synchronized String line() {
    return "no space left on device: "
        + left / MIB
        + " MiB free, and the last "
        + LOW / MIB
        + " are kept for revocations; other changes are refused until "
        + ENOUGH / MIB
        + " MiB are free";
  }
}
