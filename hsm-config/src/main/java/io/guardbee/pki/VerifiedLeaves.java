package io.guardbee.pki;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The certificates that were found good last, by the SHA-256 of their encoding: that an authority
 * has signed these octets, and what they say, stays true for ever, so that it need not be worked
 * out again at CONNECT, at the next handshake or at the next request. Each certificate has one
 * slot; the last one takes it. Thread-safe without locks.
 */
final class VerifiedLeaves {

  private static final int SLOTS = 1 << 13; // about 1 MB when full
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** What was found; the digest of its encoding as four numbers. */
  private record Slot(long first, long second, long third, long fourth, Verified verified) {
    boolean holds(byte[] digest) {
      return first == part(digest, 0)
          && second == part(digest, 1)
          && third == part(digest, 2)
          && fourth == part(digest, 3);
    }
  }

  /** Who vouches for a certificate, and for whom. */
  record Verified(Authority by, Identity identity) {}

  private final AtomicReferenceArray<@Nullable Slot> slots = new AtomicReferenceArray<>(SLOTS);

  static byte[] digest(byte[] encoded) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(encoded);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Nullable Verified find(byte[] digest) {
    Slot slot = slots.get(slotOf(digest));
    return slot != null && slot.holds(digest) ? slot.verified() : null;
  }

  void remember(byte[] digest, Verified verified) {
    slots.set(
        slotOf(digest),
        new Slot(part(digest, 0), part(digest, 1), part(digest, 2), part(digest, 3), verified));
  }

  private static int slotOf(byte[] digest) {
    return (int) part(digest, 0) & (SLOTS - 1);
  }

  private static long part(byte[] digest, int number) {
    return (long) LONG.get(digest, number * Long.BYTES);
  }
}
