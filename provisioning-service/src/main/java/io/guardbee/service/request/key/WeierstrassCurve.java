package io.guardbee.service.request.key;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * The NIST curves y² = x³ - 3x + b (SP 800-186 §3.2.1). Each has cofactor 1: no small subgroups.
 */
enum WeierstrassCurve {
  P256(
      32,
      "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
      "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"),
  P384(
      48,
      "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
      "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef");

  private static final BigInteger THREE = BigInteger.valueOf(3);
  private static final byte UNCOMPRESSED = 4;

  private final int octets;
  private final BigInteger prime;
  private final BigInteger b;

  WeierstrassCurve(int octets, String prime, String b) {
    this.octets = octets;
    this.prime = new BigInteger(prime, 16);
    this.b = new BigInteger(b, 16);
  }

  /**
   * Refuses what is no point of the curve, or another form of one.
   *
   * @param point ECPoint (SEC 1 §2.3.3)
   */
  void check(byte[] point) {
    if (point.length == 0 || point[0] == 0) {
      throw invalid("is the point at infinity", "make a new key");
    }
    if (point[0] != UNCOMPRESSED) {
      // a second encoding of a key would pass for a second key
      throw invalid(
          "is compressed (first octet " + point[0] + ")",
          "write the point uncompressed: openssl ec -conv_form uncompressed");
    }
    if (point.length != 1 + 2 * octets) {
      throw invalid(
          "has " + point.length + " octets, not " + (1 + 2 * octets),
          "write both coordinates in full");
    }
    BigInteger x = new BigInteger(1, Arrays.copyOfRange(point, 1, 1 + octets));
    BigInteger y = new BigInteger(1, Arrays.copyOfRange(point, 1 + octets, point.length));
    if (x.compareTo(prime) >= 0 || y.compareTo(prime) >= 0) {
      throw invalid("has a coordinate beyond the field", "make a new key");
    }
    BigInteger right = x.multiply(x).subtract(THREE).multiply(x).add(b);
    if (y.multiply(y).subtract(right).mod(prime).signum() != 0) {
      throw invalid("is not on the curve", "make a new key");
    }
  }

  private RefusedException invalid(String what, String nextStep) {
    return new RefusedException(
        Reason.KEY_POINT_INVALID, "the point of the " + name() + " key " + what, nextStep);
  }
}
