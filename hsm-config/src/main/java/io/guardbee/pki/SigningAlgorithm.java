package io.guardbee.pki;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECKey;

/** Which signature algorithm fits a key. */
public final class SigningAlgorithm {

  private SigningAlgorithm() {}

  /** JCA's name: ECDSA with the hash as strong as its curve (FIPS 186-5 §6.1.1). */
  public static String of(PublicKey key) {
    if (key instanceof ECKey ec) {
      int bits = ec.getParams().getOrder().bitLength();
      return bits <= 256 ? "SHA256withECDSA" : bits <= 384 ? "SHA384withECDSA" : "SHA512withECDSA";
    }
    return key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "Ed25519";
  }

  /** Whether this key's owner signed these octets with that algorithm. */
  public static boolean isGood(PublicKey key, byte[] octets, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance(of(key));
      verifier.initVerify(key);
      verifier.update(octets);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false; // not even a signature
    }
  }
}
