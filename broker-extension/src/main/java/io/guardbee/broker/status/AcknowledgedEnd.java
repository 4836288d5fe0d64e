package io.guardbee.broker.status;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Where the status on disk ended when the service was last told that it is in force: a status that
 * does not contain this place has lost events that were acknowledged.
 *
 * @param sequence counts the records, from 1; 0 before the first
 * @param event the last event that may have been acknowledged
 * @param journal the number of the journal that this event is in; 0 before the first
 * @param chain over that journal up to the event
 * @param told what else was told, which other files keep
 */
record AcknowledgedEnd(long sequence, long event, long journal, Chain chain, Told told) {

  /**
   * What the service has told besides the status.
   *
   * @param policy the version of its policy to enforce; 0 for none
   * @param restore {@link RestoreState#fingerprint()}
   */
  record Told(long policy, long restore) {
    static final Told NOTHING = new Told(0, 0);
  }

  private static final Chain EMPTY = new Chain(0, 0);

  /** Nothing was acknowledged: every status contains it. */
  static final AcknowledgedEnd NONE = new AcknowledgedEnd(0, 0, 0, EMPTY, Told.NOTHING);

  private static final long MAGIC = 0x4755415244424531L; // GUARDBE1
  private static final int CONTENT = 6 * Long.BYTES + Chain.OCTETS;
  static final int OCTETS = CONTENT + Chain.OCTETS;

  /** With a checksum at the end. */
  ByteBuffer encode() {
    ByteBuffer octets = ByteBuffer.allocate(OCTETS);
    octets.putLong(MAGIC).putLong(sequence).putLong(event).putLong(journal);
    chain.write(octets);
    octets.putLong(told.policy()).putLong(told.restore());
    checksum(octets.duplicate().flip()).write(octets);
    return octets.flip();
  }

  /** Null when these are not the octets of one, whole. */
  static @Nullable AcknowledgedEnd decode(ByteBuffer octets) {
    if (octets.remaining() < OCTETS) {
      return null;
    }
    Chain expected = checksum(octets.duplicate().limit(octets.position() + CONTENT));
    if (octets.getLong() != MAGIC) {
      return null;
    }
    var end =
        new AcknowledgedEnd(
            octets.getLong(),
            octets.getLong(),
            octets.getLong(),
            Chain.read(octets),
            new Told(octets.getLong(), octets.getLong()));
    return Chain.read(octets).equals(expected) ? end : null;
  }

  private static Chain checksum(ByteBuffer content) {
    return EMPTY.then(content);
  }
}
