package io.guardbee.hsm.key;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** ECDSA signatures as modules give them, to the DER form of RFC 3279 §2.2.3. */
final class EcdsaValue {

  private static final byte SEQUENCE = 0x30;
  private static final byte INTEGER = 0x02;
  private static final byte LONG_LENGTH = (byte) 0x81;

  private EcdsaValue() {}

  /**
   * The DER form.
   *
   * @param raw r and s, equally long
   */
  static byte[] der(byte[] raw) {
    byte[] r = integer(Arrays.copyOfRange(raw, 0, raw.length / 2));
    byte[] s = integer(Arrays.copyOfRange(raw, raw.length / 2, raw.length));
    int length = r.length + s.length;
    ByteBuffer der = ByteBuffer.allocate((length < 128 ? 2 : 3) + length).put(SEQUENCE);
    if (length >= 128) { // P-521
      der.put(LONG_LENGTH);
    }
    return der.put((byte) length).put(r).put(s).array();
  }

  private static byte[] integer(byte[] magnitude) {
    byte[] value = new BigInteger(1, magnitude).toByteArray();
    return ByteBuffer.allocate(2 + value.length)
        .put(INTEGER)
        .put((byte) value.length) // at most 67
        .put(value)
        .array();
  }
}
