package io.guardbee.hsm.key;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/** Public keys as PKCS#11 modules write them, to JCA's. */
final class PublicKeys {

  private static final byte OCTET_STRING = 0x04;
  private static final byte UNCOMPRESSED = 0x04;
  private static final int ED25519_OCTETS = 32;

  /** SubjectPublicKeyInfo of an Ed25519 key (RFC 8410 §4) up to the key itself. */
  private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

  private PublicKeys() {}

  /** The public key of an RSA modulus and exponent, big-endian. */
  static PublicKey rsa(byte[] modulus, byte[] exponent) throws GeneralSecurityException {
    return KeyFactory.getInstance("RSA")
        .generatePublic(
            new RSAPublicKeySpec(new BigInteger(1, modulus), new BigInteger(1, exponent)));
  }

  /**
   * The public key of a {@code CKA_EC_POINT} on an Edwards curve.
   *
   * @param point 32 octets, bare or inside a DER OCTET STRING
   */
  static PublicKey ed25519(byte[] point) throws GeneralSecurityException {
    byte[] octets = unwrap(point, ED25519_OCTETS);
    if (octets.length != ED25519_OCTETS) {
      throw new InvalidKeySpecException("CKA_EC_POINT is not an Ed25519 key");
    }
    byte[] info = Arrays.copyOf(ED25519_PREFIX, ED25519_PREFIX.length + ED25519_OCTETS);
    System.arraycopy(octets, 0, info, ED25519_PREFIX.length, ED25519_OCTETS);
    return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(info));
  }

  /**
   * The public key of a {@code CKA_EC_POINT}.
   *
   * @param point uncompressed, inside a DER OCTET STRING as PKCS#11 v2.20 says, or bare as some
   *     modules give it
   * @throws GeneralSecurityException when it is neither, or no point of the curve
   */
  static ECPublicKey ec(KeyType type, byte[] point) throws GeneralSecurityException {
    int field = type.fieldOctets();
    int bare = 1 + 2 * field;
    byte[] octets = unwrap(point, bare);
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

  /** The content of a DER OCTET STRING of exactly that length; anything else as it is. */
  private static byte[] unwrap(byte[] point, int length) {
    int header = length < 128 ? 2 : 3; // X.690 §8.1.3: from 128 on the length needs an octet more
    boolean wrapped =
        point.length == header + length
            && point[0] == OCTET_STRING
            && point[header - 1] == (byte) length
            && (header == 2 || point[1] == (byte) 0x81);
    return wrapped ? Arrays.copyOfRange(point, header, point.length) : point;
  }

  private static ECParameterSpec curve(KeyType type) throws GeneralSecurityException {
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
    parameters.init(new ECGenParameterSpec(type.curve()));
    return parameters.getParameterSpec(ECParameterSpec.class);
  }

  /** y² = x³ + ax + b (mod p): not every provider's key factory checks. */
  private static void requireOnCurve(ECParameterSpec spec, BigInteger x, BigInteger y)
      throws InvalidKeySpecException {
    BigInteger p = ((ECFieldFp) spec.getCurve().getField()).getP();
    BigInteger right =
        x.pow(3).add(spec.getCurve().getA().multiply(x)).add(spec.getCurve().getB()).mod(p);
    if (x.compareTo(p) >= 0 || y.compareTo(p) >= 0 || !y.pow(2).mod(p).equals(right)) {
      throw new InvalidKeySpecException("CKA_EC_POINT is not on its curve");
    }
  }
}
