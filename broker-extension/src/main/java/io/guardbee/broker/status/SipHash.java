package io.guardbee.broker.status;

import java.security.SecureRandom;

/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012): without its key nobody can choose two messages with
 * one hash. Makes no objects. Immutable.
 *
 * @param k0 octets 0 to 7 of the key, little-endian
 * @param k1 octets 8 to 15 of the key, little-endian
 */
public record SipHash(long k0, long k1) {

  private static final int ROUNDS = 2;
  private static final int LAST_ROUNDS = 4;

  /** What can be hashed: octets, seen as little-endian words, the last filled up with zeros. */
  public interface Message {

    int octets();

    /** That word; 0 beyond the end. */
    long word(int index);
  }

  public static SipHash random(SecureRandom random) {
    return new SipHash(random.nextLong(), random.nextLong());
  }

  /** Text as a message: its UTF-16 code units, little-endian. */
  public record Text(String text) implements Message {
    @Override
    public int octets() {
      return text.length() * Character.BYTES;
    }

    @Override
    public long word(int index) {
      return SipHash.word(text, index);
    }
  }

  /** That word of a text's UTF-16 code units. */
  static long word(String text, int index) {
    long word = 0;
    int from = index * (Long.BYTES / Character.BYTES);
    int to = Math.min(from + Long.BYTES / Character.BYTES, text.length());
    for (int at = to - 1; at >= from; at--) {
      word = (word << Character.SIZE) | text.charAt(at);
    }
    return word;
  }

  public long of(Message message) {
    int octets = message.octets();
    int words = octets / Long.BYTES + 1; // the last has the length in its highest octet
    int absorbing = words * ROUNDS;
    long v0 = k0 ^ 0x736f6d6570736575L;
    long v1 = k1 ^ 0x646f72616e646f6dL;
    long v2 = k0 ^ 0x6c7967656e657261L;
    long v3 = k1 ^ 0x7465646279746573L;
    for (int round = 0; round < absorbing + LAST_ROUNDS; round++) {
      int at = round / ROUNDS;
      long word = at < words ? message.word(at) : 0;
      word |= at == words - 1 ? (long) octets << 56 : 0;
      v3 ^= round % ROUNDS == 0 ? word : 0;
      v2 ^= round == absorbing ? 0xff : 0;
      v0 += v1;
      v2 += v3;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 = Long.rotateLeft(v0, 32) + v3;
      v2 += v1;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 = Long.rotateLeft(v2, 32);
      v0 ^= round % ROUNDS == ROUNDS - 1 ? word : 0;
    }
    return v0 ^ v1 ^ v2 ^ v3;
  }
}
