package io.guardbee.hsm;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.util.Arrays;

/** Elliptic-curve values as PKCS#11 modules write them, to and from JCA's. */
final class EcPoints {

  private static final byte OCTET_STRING = 0x04;
  private static final byte UNCOMPRESSED = 0x04;
  private static final byte SEQUENCE = 0x30;
  private static final byte INTEGER = 0x02;

  private EcPoints() {}

  /**
   * The public key of a {@code CKA_EC_POINT}.
   *
   * @param point uncompressed, inside a DER OCTET STRING as PKCS#11 v2.20 says, or bare as some
   *     modules give it
   * @throws GeneralSecurityException when it is neither, or no point of the curve
   */
  static ECPublicKey publicKey(KeyType type, byte[] point) throws GeneralSecurityException {
    int field = type.fieldOctets();
    int bare = 1 + 2 * field;
    byte[] octets = point;
    if (point.length == bare + 2 && point[0] == OCTET_STRING && point[1] == bare) {
      octets = Arrays.copyOfRange(point, 2, point.length);
    }
    if (octets.length != bare || octets[0] != UNCOMPRESSED) {
      throw new InvalidKeySpecException("CKA_EC_POINT is not an uncompressed point");
    }
    BigInteger x = new BigInteger(1, Arrays.copyOfRange(octets, 1, 1 + field));
    BigInteger y = new BigInteger(1, Arrays.copyOfRange(octets, 1 + field, bare));
    ECParameterSpec curve = curve(type);
    requireOnCurve(curve, x, y);
    return (ECPublicKey)
        KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(new ECPoint(x, y), curve));
  }

  private static ECParameterSpec curve(KeyType type) throws GeneralSecurityException {
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
    parameters.init(new ECGenParameterSpec(type.curve()));
    return parameters.getParameterSpec(ECParameterSpec.class);
  }

  /** y² = x³ + ax + b (mod p): not every provider's key factory checks. */
  private static void requireOnCurve(ECParameterSpec spec, BigInteger x, BigInteger y)
      throws InvalidKeySpecException {
    BigInteger p = ((java.security.spec.ECFieldFp) spec.getCurve().getField()).getP();
    BigInteger right =
        x.pow(3).add(spec.getCurve().getA().multiply(x)).add(spec.getCurve().getB()).mod(p);
    if (x.compareTo(p) >= 0 || y.compareTo(p) >= 0 || !y.pow(2).mod(p).equals(right)) {
      throw new InvalidKeySpecException("CKA_EC_POINT is not on its curve");
    }
  }

  /**
   * The DER form (RFC 3279 §2.2.3) of a signature.
   *
   * @param raw r and s, equally long, as {@code CKM_ECDSA} gives them
   */
  static byte[] der(byte[] raw) {
    byte[] r = integer(Arrays.copyOfRange(raw, 0, raw.length / 2));
    byte[] s = integer(Arrays.copyOfRange(raw, raw.length / 2, raw.length));
    byte[] der = new byte[2 + r.length + s.length];
    der[0] = SEQUENCE;
    der[1] = (byte) (r.length + s.length); // below 128 for curves up to 448 bits
    System.arraycopy(r, 0, der, 2, r.length);
    System.arraycopy(s, 0, der, 2 + r.length, s.length);
    return der;
  }

  private static byte[] integer(byte[] magnitude) {
    byte[] value = new BigInteger(1, magnitude).toByteArray();
    byte[] der = new byte[2 + value.length];
    der[0] = INTEGER;
    der[1] = (byte) value.length;
    System.arraycopy(value, 0, der, 2, value.length);
    return der;
  }
}
