package io.guardbee.pki;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;

/**
 * A private key and its certificates.
 *
 * @param chain the key's certificate first, then its authorities
 */
public record Credential(PrivateKey key, List<X509Certificate> chain) {

  private static final byte[] PROBE = "guardbee".getBytes(StandardCharsets.US_ASCII);

  public Credential {
    chain = List.copyOf(chain);
  }

  /**
   * Reads a private key of the kind that a certificate is for.
   *
   * @param pem PKCS#8
   * @throws GeneralSecurityException when it is of another kind
   */
  public static Credential of(List<X509Certificate> chain, String pem)
      throws GeneralSecurityException {
    PrivateKey key =
        KeyFactory.getInstance(chain.get(0).getPublicKey().getAlgorithm())
            .generatePrivate(new PKCS8EncodedKeySpec(Pem.der("PRIVATE KEY", pem)));
    return new Credential(key, chain);
  }

  /** The key's own certificate. */
  public X509Certificate leaf() {
    return chain.get(0);
  }

  /** Whether the certificate is for this key; a key in a module signs once for it. */
  public boolean fits() {
    try {
      Signature signature = Signature.getInstance(signatureAlgorithm(leaf().getPublicKey()));
      signature.initSign(key);
      signature.update(PROBE);
      byte[] signed = signature.sign();
      signature.initVerify(leaf().getPublicKey());
      signature.update(PROBE);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** The JCA name of what a key of that kind signs with. */
  static String signatureAlgorithm(PublicKey key) {
    if (key instanceof ECPublicKey ec) {
      return ec.getParams().getOrder().bitLength() > 256 ? "SHA384withECDSA" : "SHA256withECDSA";
    }
    return key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "Ed25519";
  }

  /** Names the certificate alone: a key is never printed. */
  @Override
  public String toString() {
    return leaf().getSubjectX500Principal().getName();
  }
}
