package io.guardbee.broker.status;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What one write adds to the journal: length and a checksum of it, then the content, then the
 * {@link Chain} over all. The next frame is only begun when this one is on the disk, so a power cut
 * can tear the last one alone.
 *
 * @param last whether the journal ends with it and another goes on
 * @param event the last event that is in force
 * @param contact when the service was last heard
 */
record Frame(boolean last, long event, Instant contact, List<Change> changes) {

  private static final int HEAD = 2 * Integer.BYTES;
  private static final int FIXED = 1 + 2 * Long.BYTES + 2 * Integer.BYTES;
  private static final int CHANGE = Long.BYTES + Short.BYTES;

  Frame {
    changes = List.copyOf(changes);
  }

  /** A frame that was read, with the chain over all up to its end. */
  record Read(Frame frame, Chain chain) {}

  /** The frame's octets, ready to be written. */
  ByteBuffer encode(Chain before) {
    int length = FIXED + changes.size() * CHANGE;
    ByteBuffer octets = ByteBuffer.allocate(HEAD + length + Chain.OCTETS);
    octets.putInt(length).putInt(check(before, length));
    octets.put((byte) (last ? 1 : 0)).putLong(event);
    octets.putLong(contact.getEpochSecond()).putInt(contact.getNano());
    octets.putInt(changes.size());
    for (Change change : changes) {
      octets.putLong(change.hash()).putShort((short) change.tag());
    }
    Chain after = before.then(octets.duplicate().flip());
    after.write(octets);
    return octets.flip();
  }

  /** The chain at the end of an encoded frame. */
  static Chain chainOf(ByteBuffer encoded) {
    return Chain.read(encoded.duplicate().position(encoded.limit() - Chain.OCTETS));
  }

  /**
   * Reads the frame at the buffer's position and moves there past it.
   *
   * @return null when it is torn and the last: it was never acknowledged
   * @throws IOException when it was altered
   */
  static @Nullable Read read(ByteBuffer journal, Chain before) throws IOException {
    int begin = journal.position();
    if (journal.remaining() < HEAD) {
      return null;
    }
    int length = journal.getInt();
    if (journal.getInt() != check(before, length)) {
      return torn(journal, begin);
    }
    if (journal.remaining() < length + Chain.OCTETS) {
      return null; // its length is certain: there is no frame after it
    }
    ByteBuffer whole = journal.duplicate().position(begin).limit(begin + HEAD + length);
    Chain chain = before.then(whole.duplicate());
    journal.position(whole.limit());
    int checksum = journal.position();
    if (!Chain.read(journal).equals(chain)) {
      return journal.hasRemaining() ? torn(journal, begin) : torn(journal, checksum);
    }
    return new Read(decode(whole.position(begin + HEAD)), chain);
  }

  /** Some file systems leave zeros where a power cut kept the data from coming. */
  private static @Nullable Read torn(ByteBuffer journal, int from) throws IOException {
    for (int at = from; at < journal.limit(); at++) {
      if (journal.get(at) != 0) {
        throw new IOException("the journal was altered at octet " + from + " or later");
      }
    }
    return null;
  }

  private static Frame decode(ByteBuffer body) {
    boolean last = body.get() == 1;
    long event = body.getLong();
    Instant contact = Instant.ofEpochSecond(body.getLong(), body.getInt());
    int count = body.getInt();
    List<Change> changes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      changes.add(new Change(body.getLong(), Short.toUnsignedInt(body.getShort())));
    }
    return new Frame(last, event, contact, changes);
  }

  private static int check(Chain before, int length) {
    ByteBuffer octets = ByteBuffer.allocate(Chain.OCTETS + Integer.BYTES);
    before.write(octets);
    octets.putInt(length);
    CRC32C check = new CRC32C();
    check.update(octets.flip());
    return (int) check.getValue();
  }
}
