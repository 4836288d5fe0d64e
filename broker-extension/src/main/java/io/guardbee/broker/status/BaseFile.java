package io.guardbee.broker.status;

import io.guardbee.files.SafeFiles;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;

/**
 * A whole status as a file: a head, the table's segments that are not empty, and the SHA-256 of all
 * before.
 *
 * @param event the last event that is surely in it; effects of later ones may be, too
 * @param contact when the service was last heard
 * @param journal the number of the first journal that goes on from here
 * @param begin where that journal begins
 * @param recorded whether there must be an {@link AcknowledgedFile} beside it; earlier versions had
 *     none
 */
record BaseFile(
    StatusIndex.State state,
    long event,
    Instant contact,
    long journal,
    Chain begin,
    boolean recorded) {

  private static final long MAGIC_UNRECORDED = 0x4755415244424231L; // GUARDBB1
  private static final long MAGIC = 0x4755415244424232L; // GUARDBB2
  private static final int BUFFER = 1 << 16;
  private static final int SUM = 32;
  private static final int END = -1;

  /** Replaces the file; the new one is on the disk when this returns. */
  void write(Path file) throws IOException {
    SafeFiles.writeSecret(file, this::write);
  }

  private void write(OutputStream file) throws IOException {
    MessageDigest sum = Chain.sha256();
    var out =
        new DataOutputStream(new BufferedOutputStream(new DigestOutputStream(file, sum), BUFFER));
    out.writeLong(recorded ? MAGIC : MAGIC_UNRECORDED);
    out.writeUTF(state.feed());
    out.writeLong(state.hash().k0());
    out.writeLong(state.hash().k1());
    out.writeLong(event);
    out.writeLong(contact.getEpochSecond());
    out.writeInt(contact.getNano());
    out.writeLong(journal);
    out.writeLong(begin.high());
    out.writeLong(begin.low());
    for (int segment = 0; segment < BlockTable.SEGMENTS; segment++) {
      long[] words = state.table().segment(segment);
      if (words.length > 0) {
        write(segment, words, out);
      }
    }
    out.writeInt(END);
    out.flush();
    file.write(sum.digest());
  }

  private static void write(int segment, long[] words, DataOutputStream out) throws IOException {
    ByteBuffer octets = ByteBuffer.allocate(2 * Integer.BYTES + words.length * Long.BYTES);
    octets.putInt(segment).putInt(words.length).asLongBuffer().put(words);
    out.write(octets.array());
  }

  /**
   * Reads a file, after its checksum was found right.
   *
   * @throws IOException when it is not what was written
   */
  static BaseFile read(Path file) throws IOException {
    verify(file);
    try (var in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER))) {
      long magic = in.readLong();
      if (magic != MAGIC && magic != MAGIC_UNRECORDED) {
        throw new IOException(file.getFileName() + " is of another version");
      }
      String feed = in.readUTF();
      SipHash hash = new SipHash(in.readLong(), in.readLong());
      long event = in.readLong();
      Instant contact = Instant.ofEpochSecond(in.readLong(), in.readInt());
      long journal = in.readLong();
      Chain begin = new Chain(in.readLong(), in.readLong());
      BlockTable table = new BlockTable();
      for (int segment = in.readInt(); segment != END; segment = in.readInt()) {
        table.fill(segment, words(in));
      }
      var state = new StatusIndex.State(feed, hash, table, true);
      return new BaseFile(state, event, contact, journal, begin, magic == MAGIC);
    }
  }

  private static long[] words(DataInputStream in) throws IOException {
    long[] words = new long[in.readInt()];
    byte[] octets = new byte[words.length * Long.BYTES];
    in.readFully(octets);
    ByteBuffer.wrap(octets).asLongBuffer().get(words);
    return words;
  }

  private static void verify(Path file) throws IOException {
    MessageDigest sum = Chain.sha256();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[BUFFER];
      long left = Files.size(file) - SUM;
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (read < 0) {
          throw new EOFException(file.getFileName() + " was cut off while it was read");
        }
        sum.update(buffer, 0, read);
        left -= read;
      }
      if (!MessageDigest.isEqual(sum.digest(), in.readNBytes(SUM))) {
        throw new IOException("the checksum of " + file.getFileName() + " does not fit");
      }
    }
  }
}
