package io.guardbee.bench;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;

/**
 * Damages octets the way attackers and broken devices do; the same random gives the same damage.
 */
final class Mutation {

  private static final int[] INTERESTING = {
    0x00, 0x01, 0x1f, 0x30, 0x31, 0x7f, 0x80, 0x84, 0xa0, 0xff
  };
  private static final int MOST_DAMAGES = 4;
  private static final int LONGEST_RUN = 300;

  private final Random random;

  Mutation(Random random) {
    this.random = random;
  }

  /** One to four damages. */
  byte[] of(byte[] whole) {
    byte[] damaged = whole.clone();
    int damages = 1 + random.nextInt(MOST_DAMAGES);
    for (int i = 0; i < damages && damaged.length > 0; i++) {
      damaged = once(damaged);
    }
    return damaged;
  }

  private byte[] once(byte[] octets) {
    int at = random.nextInt(octets.length);
    return switch (random.nextInt(8)) {
      case 0 -> with(octets, at, octets[at] ^ (1 << random.nextInt(8)));
      case 1 -> with(octets, at, INTERESTING[random.nextInt(INTERESTING.length)]);
      case 2 -> Arrays.copyOf(octets, at);
      case 3 -> insert(octets, at, random(1 + random.nextInt(8)));
      case 4 -> remove(octets, at, 1 + random.nextInt(8));
      case 5 ->
          insert(octets, at, Arrays.copyOfRange(octets, at, Math.min(octets.length, at + 40)));
      case 6 -> insert(octets, at, nested(1 + random.nextInt(LONGEST_RUN)));
      default -> with(octets, at, octets[at] + (random.nextBoolean() ? 1 : -1));
    };
  }

  private byte[] random(int length) {
    byte[] octets = new byte[length];
    random.nextBytes(octets);
    return octets;
  }

  /** ASN.1 sequences in one another, of indefinite length (BER) or of none. */
  private byte[] nested(int depth) {
    ByteArrayOutputStream sequences = new ByteArrayOutputStream();
    boolean indefinite = random.nextBoolean();
    for (int i = 0; i < depth; i++) {
      sequences.write(0x30);
      sequences.write(indefinite ? 0x80 : 0x00);
    }
    return sequences.toByteArray();
  }

  private static byte[] with(byte[] octets, int at, int value) {
    byte[] changed = octets.clone();
    changed[at] = (byte) value;
    return changed;
  }

  private static byte[] insert(byte[] octets, int at, byte[] more) {
    ByteArrayOutputStream longer = new ByteArrayOutputStream();
    longer.write(octets, 0, at);
    longer.writeBytes(more);
    longer.write(octets, at, octets.length - at);
    return longer.toByteArray();
  }

  private static byte[] remove(byte[] octets, int at, int count) {
    ByteArrayOutputStream shorter = new ByteArrayOutputStream();
    shorter.write(octets, 0, at);
    int rest = Math.min(octets.length, at + count);
    shorter.write(octets, rest, octets.length - rest);
    return shorter.toByteArray();
  }
}
