package io.guardbee.broker.status;

import io.guardbee.files.SafeFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The changes since the base file was written, one {@link Frame} for each write. For one thread.
 */
final class Journal implements AutoCloseable {

  private static final long MAGIC = 0x4755415244424a31L; // GUARDBJ1
  private static final int HEAD = 2 * Long.BYTES + 2 * Chain.OCTETS;

  private final long number;
  private final FileChannel channel;
  private Chain chain;

  private Journal(long number, FileChannel channel, Chain chain) {
    this.number = number;
    this.channel = channel;
    this.chain = chain;
  }

  /**
   * A journal as it was found.
   *
   * @param begin what its head says it goes on from
   * @param end the chain over its whole frames
   * @param length octets up to there; what is beyond is torn
   * @param continued whether the next one goes on from it
   * @param beforeLast the chain before the last frame, where the next one goes on
   */
  record Found(
      Chain begin,
      Chain end,
      long length,
      boolean continued,
      Chain beforeLast,
      List<Frame> frames) {
    Found {
      frames = List.copyOf(frames);
    }
  }

  /** Makes an empty one that goes on from there; it is on the disk when this returns. */
  static Journal create(Path file, long number, Chain begin) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(HEAD);
    head.putLong(MAGIC).putLong(number);
    begin.write(head);
    begin.then(head.duplicate().flip()).write(head);
    SafeFiles.writeSecret(file, head.array());
    return open(file, number, HEAD, begin);
  }

  /** Goes on with one that was found, and cuts off what is torn. */
  static Journal resume(Path file, long number, Found found) throws IOException {
    return open(file, number, found.length(), found.end());
  }

  private static Journal open(Path file, long number, long length, Chain chain) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
    try {
      if (channel.size() > length) {
        channel.truncate(length);
        channel.force(true);
      }
      channel.position(length);
      return new Journal(number, channel, chain);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Reads a journal.
   *
   * @throws IOException when it was altered anywhere but at a torn end
   */
  static Found read(Path file, long number) throws IOException {
    ByteBuffer octets = ByteBuffer.wrap(Files.readAllBytes(file));
    if (octets.remaining() < HEAD || octets.getLong() != MAGIC || octets.getLong() != number) {
      throw new IOException(file.getFileName() + " is not journal " + number);
    }
    Chain begin = Chain.read(octets);
    if (!Chain.read(octets)
        .equals(begin.then(octets.duplicate().rewind().limit(HEAD - Chain.OCTETS)))) {
      throw new IOException("the head of " + file.getFileName() + " was altered");
    }
    return frames(octets, begin);
  }

  private static Found frames(ByteBuffer octets, Chain begin) throws IOException {
    List<Frame> frames = new ArrayList<>();
    Chain chain = begin;
    Chain before = begin;
    long end = octets.position();
    while (octets.hasRemaining()) {
      Frame.Read read = Frame.read(octets, chain);
      if (read == null) {
        break;
      }
      frames.add(read.frame());
      before = chain;
      chain = read.chain();
      end = octets.position();
      if (read.frame().last() && octets.hasRemaining()) {
        throw new IOException("there is something behind the last frame of a journal");
      }
    }
    boolean continued = !frames.isEmpty() && frames.get(frames.size() - 1).last();
    return new Found(begin, chain, end, continued, before, frames);
  }

  /**
   * Adds a frame; it is on the disk when this returns. After a failure the journal is of no use.
   */
  void append(Frame frame) throws IOException {
    ByteBuffer octets = frame.encode(chain);
    Chain after = Frame.chainOf(octets);
    while (octets.hasRemaining()) {
      channel.write(octets);
    }
    channel.force(false);
    chain = after;
  }

  long number() {
    return number;
  }

  /** Where another one may go on. */
  Chain chain() {
    return chain;
  }

  long length() throws IOException {
    return channel.position();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
