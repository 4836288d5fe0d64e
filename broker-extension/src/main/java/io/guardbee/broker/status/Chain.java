package io.guardbee.broker.status;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/**
 * A checksum over a journal up to some place: the first half of the SHA-256 of the checksum before
 * and of what came after. Nothing can be altered, left out or put in before it unnoticed.
 */
record Chain(long high, long low) {

  static final int OCTETS = 2 * Long.BYTES;

  /** Where a journal begins that goes on from no other. */
  static Chain random(SecureRandom random) {
    return new Chain(random.nextLong(), random.nextLong());
  }

  static Chain read(ByteBuffer from) {
    return new Chain(from.getLong(), from.getLong());
  }

  void write(ByteBuffer to) {
    to.putLong(high).putLong(low);
  }

  Chain then(ByteBuffer octets) {
    MessageDigest sha256 = sha256();
    sha256.update(ByteBuffer.allocate(OCTETS).putLong(high).putLong(low).flip());
    sha256.update(octets);
    return read(ByteBuffer.wrap(sha256.digest()));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
