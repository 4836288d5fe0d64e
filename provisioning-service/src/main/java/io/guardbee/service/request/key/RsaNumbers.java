package io.guardbee.service.request.key;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;

/** The size of an RSA key's numbers. */
final class RsaNumbers {

  private static final int SHORTEST = 2048;
  private static final int LONGEST = 8192; // beyond it, verifying is a way to keep us busy
  private static final int SHORTEST_EXPONENT = 17; // 65537: FIPS 186-5 §5.1
  private static final int LONGEST_EXPONENT = 256;

  private RsaNumbers() {}

  static void checkSize(KeyGate.Rsa key) {
    int bits = key.modulus().bitLength();
    if (key.modulus().signum() <= 0 || bits < SHORTEST || bits > LONGEST) {
      throw weak("RSA key of " + bits + " bits is not accepted");
    }
  }

  static void checkExponent(KeyGate.Rsa key) {
    int bits = key.exponent().bitLength();
    boolean odd = key.exponent().testBit(0);
    if (key.exponent().signum() <= 0
        || bits < SHORTEST_EXPONENT
        || bits > LONGEST_EXPONENT
        || !odd) {
      String shown = bits > Long.SIZE ? "of " + bits + " bits" : key.exponent().toString();
      throw weak(
          "RSA key of "
              + key.modulus().bitLength()
              + " bits with exponent "
              + shown
              + " is not accepted");
    }
  }

  private static RefusedException weak(String detail) {
    return new RefusedException(
        Reason.KEY_WEAK,
        detail,
        "make an EC P-256 key, or RSA of 2048 to 8192 bits with exponent 65537");
  }
}
