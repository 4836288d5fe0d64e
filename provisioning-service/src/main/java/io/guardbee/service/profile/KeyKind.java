package io.guardbee.service.profile;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;

/** The kinds of public keys that a certificate may hold. */
public enum KeyKind {
  EC_P256,
  EC_P384,
  ED25519,
  RSA;

  private static final int SHORTEST_RSA_BITS = 2048;
  private static final int LONGEST_RSA_BITS = 8192; // beyond it, verifying is a way to keep us busy

  /**
   * Looks at a key.
   *
   * @throws RefusedException {@link Reason#KEY_UNSUPPORTED} or {@link Reason#KEY_WEAK}
   */
  public static KeyKind of(PublicKey key) {
    if (key instanceof ECPublicKey ec) {
      return switch (ec.getParams().getOrder().bitLength()) {
        case 256 -> EC_P256;
        case 384 -> EC_P384;
        default -> throw unsupported("EC of " + ec.getParams().getOrder().bitLength() + " bits");
      };
    }
    if (key instanceof EdECPublicKey edward && edward.getParams().getName().equals("Ed25519")) {
      return ED25519;
    }
    if (key instanceof RSAPublicKey rsa) {
      checkStrength(rsa);
      return RSA;
    }
    throw unsupported(key.getAlgorithm());
  }

  private static void checkStrength(RSAPublicKey key) {
    int bits = key.getModulus().bitLength();
    boolean goodExponent =
        key.getPublicExponent().testBit(0) && key.getPublicExponent().bitLength() >= 17;
    if (bits < SHORTEST_RSA_BITS || bits > LONGEST_RSA_BITS || !goodExponent) {
      throw new RefusedException(
          Reason.KEY_WEAK,
          "RSA key of "
              + bits
              + " bits with exponent "
              + key.getPublicExponent()
              + " is not accepted",
          "make an EC P-256 key, or RSA of 2048 to 8192 bits with exponent 65537");
    }
  }

  private static RefusedException unsupported(String what) {
    return new RefusedException(
        Reason.KEY_UNSUPPORTED,
        "key " + what + " is not supported",
        "make a key of EC P-256 (openssl ecparam -name prime256v1 -genkey), EC P-384, Ed25519 or RSA");
  }
}
