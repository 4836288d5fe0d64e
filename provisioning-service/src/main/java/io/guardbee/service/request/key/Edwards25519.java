package io.guardbee.service.request.key;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.math.BigInteger;
import java.util.Set;

/** The points of Ed25519 (RFC 8032 §5.1): -x² + y² = 1 + d·x²·y². */
final class Edwards25519 {

  private static final int OCTETS = 32;
  private static final BigInteger PRIME =
      BigInteger.ONE.shiftLeft(255).subtract(BigInteger.valueOf(19));
  private static final BigInteger D =
      BigInteger.valueOf(-121_665)
          .multiply(BigInteger.valueOf(121_666).modInverse(PRIME))
          .mod(PRIME);
  private static final BigInteger HALF = PRIME.shiftRight(1);

  private static final BigInteger ORDER_8 =
      new BigInteger("7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7", 16);

  /** y of the eight points whose order divides the cofactor: with them anyone can sign. */
  private static final Set<BigInteger> SMALL_ORDER =
      Set.of(
          BigInteger.ZERO,
          BigInteger.ONE,
          PRIME.subtract(BigInteger.ONE),
          ORDER_8,
          PRIME.subtract(ORDER_8));

  private Edwards25519() {}

  /** Refuses what is no point, another form of one, or one of small order. */
  static void check(byte[] point) {
    if (point.length != OCTETS) {
      throw invalid("has " + point.length + " octets, not " + OCTETS);
    }
    byte[] bigEndian = new byte[OCTETS];
    for (int i = 0; i < OCTETS; i++) {
      bigEndian[i] = point[OCTETS - 1 - i];
    }
    bigEndian[0] &= 0x7f; // the sign of x
    BigInteger y = new BigInteger(1, bigEndian);
    if (y.compareTo(PRIME) >= 0) {
      throw invalid("is not in its shortest form");
    }
    if (SMALL_ORDER.contains(y)) {
      throw invalid("has small order");
    }
    if (!isOnCurve(y)) {
      throw invalid("is not on the curve");
    }
  }

  /** Whether x² = (y² - 1) / (d·y² + 1) has a root; by Euler, without the division. */
  private static boolean isOnCurve(BigInteger y) {
    BigInteger square = y.multiply(y).mod(PRIME);
    BigInteger above = square.subtract(BigInteger.ONE);
    BigInteger below = D.multiply(square).add(BigInteger.ONE);
    return above.multiply(below).mod(PRIME).modPow(HALF, PRIME).equals(BigInteger.ONE);
  }

  private static RefusedException invalid(String what) {
    return new RefusedException(
        Reason.KEY_POINT_INVALID, "the point of the Ed25519 key " + what, "make a new key");
  }
}
