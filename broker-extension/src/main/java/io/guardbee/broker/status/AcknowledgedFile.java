package io.guardbee.broker.status;

import io.guardbee.files.SafeFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The last {@link AcknowledgedEnd} on disk. The file has two slots of fixed size that are written
 * in turn, so a power cut while one is written leaves the other: the one before it, which every
 * status on disk contains, too. For one thread at a time.
 */
final class AcknowledgedFile implements AutoCloseable {

  private static final int SLOTS = 2;

  /** Each slot has a page of its own: no disk writes a part of both. */
  private static final int SLOT = 4096;

  private final Path file;
  private AcknowledgedEnd last = AcknowledgedEnd.NONE;
  private @Nullable FileChannel channel;

  AcknowledgedFile(Path file) {
    this.file = file;
  }

  boolean exists() {
    return Files.exists(file);
  }

  /** What {@link #read} or {@link #write} had last. */
  AcknowledgedEnd last() {
    return last;
  }

  /**
   * Reads the file, which exists.
   *
   * @throws IOException when neither slot is whole
   */
  AcknowledgedEnd read() throws IOException {
    ByteBuffer octets = ByteBuffer.wrap(Files.readAllBytes(file));
    AcknowledgedEnd newest = null;
    for (int slot = 0; slot < SLOTS && octets.limit() == SLOTS * SLOT; slot++) {
      AcknowledgedEnd end = AcknowledgedEnd.decode(octets.duplicate().position(slot * SLOT));
      if (end != null && (newest == null || end.sequence() > newest.sequence())) {
        newest = end;
      }
    }
    if (newest == null) {
      throw new IOException(file.getFileName() + " was altered");
    }
    last = newest;
    return newest;
  }

  /** Makes the file where there is none; a base that requires it is written after that. */
  void create() throws IOException {
    if (last.sequence() == 0 && !exists()) {
      create(AcknowledgedEnd.NONE);
    }
  }

  private void create(AcknowledgedEnd end) throws IOException {
    ByteBuffer octets = ByteBuffer.allocate(SLOTS * SLOT);
    octets.position(slotOf(end)).put(end.encode());
    SafeFiles.writeSecret(file, octets.array());
    last = end;
  }

  private static int slotOf(AcknowledgedEnd end) {
    return (int) (end.sequence() % SLOTS) * SLOT;
  }

  /** Notes the end of what is on disk; the note is on the disk when this returns. */
  void write(long event, long journal, Chain chain, AcknowledgedEnd.Told told) throws IOException {
    var end = new AcknowledgedEnd(last.sequence() + 1, event, journal, chain, told);
    FileChannel open = open();
    if (open == null) {
      create(end); // there is none, or none that can be read
      return;
    }
    try {
      ByteBuffer octets = end.encode();
      for (long at = slotOf(end); octets.hasRemaining(); ) {
        at += open.write(octets, at);
      }
      open.force(false);
      last = end;
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /** Null when the whole file has to be made. */
  private @Nullable FileChannel open() throws IOException {
    if (!exists()) { // deleted while it was open
      close();
    } else if (channel == null && last.sequence() > 0) {
      channel = FileChannel.open(file, StandardOpenOption.WRITE);
    }
    return channel;
  }

  @Override
  public void close() throws IOException {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      open.close();
    }
  }
}
