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
   * @param chains what its head says it goes on from, then the chain up to each whole frame's end
   * @param length octets up to the last one's; what is beyond is torn
   * @param continued whether the next one goes on from it
   */
  record Found(List<Chain> chains, long length, boolean continued, List<Frame> frames) {
    Found {
      chains = List.copyOf(chains);
      frames = List.copyOf(frames);
    }

    Chain begin() {
      return chains.get(0);
    }

    /** The chain over its whole frames. */
    Chain end() {
      return chains.get(chains.size() - 1);
    }

    /** The chain before the last frame, where the next journal goes on. */
    Chain beforeLast() {
      return chains.get(Math.max(0, chains.size() - 2));
    }

    /** Whether it holds all up to there. */
    boolean passes(Chain place) {
      return chains.contains(place);
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
    List<Chain> chains = new ArrayList<>(List.of(begin));
    long end = octets.position();
    while (octets.hasRemaining()) {
      Frame.Read read = Frame.read(octets, chains.get(chains.size() - 1));
      if (read == null) {
        break;
      }
      frames.add(read.frame());
      chains.add(read.chain());
      end = octets.position();
      if (read.frame().last() && octets.hasRemaining()) {
        throw new IOException("there is something behind the last frame of a journal");
      }
    }
    boolean continued = !frames.isEmpty() && frames.get(frames.size() - 1).last();
    return new Found(chains, end, continued, frames);
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
