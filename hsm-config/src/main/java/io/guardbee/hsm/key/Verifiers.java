package io.guardbee.hsm.key;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Verifies signatures of one key with JCA's other providers. Verifiers are kept: making one costs
 * as much as using it. Safe for many threads.
 */
final class Verifiers {

  private final PublicKey publicKey;
  private final Map<SignatureKind, Queue<Signature>> idle = new ConcurrentHashMap<>();

  Verifiers(PublicKey publicKey) {
    this.publicKey = publicKey;
  }

  /**
   * Whether the signature is good.
   *
   * @param hash of the message, as it was signed
   */
  boolean verify(SignatureKind kind, byte[] message, byte[] hash, byte[] signature)
      throws GeneralSecurityException {
    if (kind instanceof SignatureKind.Pkcs1 pkcs1 && pkcs1.hash() == null) {
      return isPkcs1(message, signature);
    }
    Queue<Signature> verifiers = idle.computeIfAbsent(kind, any -> new ConcurrentLinkedQueue<>());
    Signature verifier = verifiers.poll();
    if (verifier == null) {
      verifier = verifier(kind);
    }
    verifier.update(kind instanceof SignatureKind.Ecdsa ? hash : message);
    boolean good = verifier.verify(signature);
    verifiers.add(verifier); // not after an exception: its state is unknown then
    return good;
  }

  private Signature verifier(SignatureKind kind) throws GeneralSecurityException {
    Signature verifier = Signature.getInstance(algorithm(kind));
    if (kind instanceof SignatureKind.Pss pss) {
      verifier.setParameter(
          new PSSParameterSpec(
              pss.hash().jcaName(),
              "MGF1",
              new MGF1ParameterSpec(pss.hash().jcaName()),
              pss.saltOctets(),
              PSSParameterSpec.TRAILER_FIELD_BC));
    }
    verifier.initVerify(publicKey);
    return verifier;
  }

  private static String algorithm(SignatureKind kind) {
    if (kind instanceof SignatureKind.Ecdsa) {
      return "NONEwithECDSA"; // the hash is there already
    }
    return kind instanceof SignatureKind.Pss ? "RSASSA-PSS" : kind.toString();
  }

  /** RFC 8017 §9.2; no JCA provider of Java's own verifies without a hash. */
  private boolean isPkcs1(byte[] digestInfo, byte[] signature) {
    RSAPublicKey rsa = (RSAPublicKey) publicKey;
    byte[] expected = new byte[signature.length];
    int start = expected.length - digestInfo.length;
    if (start < 11) {
      return false;
    }
    Arrays.fill(expected, 2, start - 1, (byte) 0xff);
    expected[1] = 1;
    System.arraycopy(digestInfo, 0, expected, start, digestInfo.length);
    BigInteger opened =
        new BigInteger(1, signature).modPow(rsa.getPublicExponent(), rsa.getModulus());
    return opened.equals(new BigInteger(1, expected));
  }
}
