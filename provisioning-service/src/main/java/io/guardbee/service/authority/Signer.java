package io.guardbee.service.authority;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.RuntimeOperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A key in the module that signs, with the algorithm that fits it. Thread-safe. Every method fails
 * with {@link Reason#MODULE_FAILED} when the module does not sign.
 *
 * @param name whose key it is, for messages
 */
public record Signer(String name, PublicKey publicKey, PrivateKey key) {

  public X509Certificate certify(X509v3CertificateBuilder toBeSigned) {
    return signed(
        () -> new JcaX509CertificateConverter().getCertificate(toBeSigned.build(contentSigner())));
  }

  /** A list of revoked certificates (RFC 5280 §5). */
  public X509CRL revoke(X509v2CRLBuilder toBeSigned) {
    return signed(() -> new JcaX509CRLConverter().getCRL(toBeSigned.build(contentSigner())));
  }

  /** The signature of these octets in its usual encoding, DER for ECDSA. */
  public byte[] sign(byte[] octets) {
    return signed(
        () -> {
          Signature signature = Signature.getInstance(algorithm());
          signature.initSign(key);
          signature.update(octets);
          return signature.sign();
        });
  }

  /** JCA's name of the algorithm. */
  public String algorithm() {
    return SigningAlgorithm.of(publicKey);
  }

  /** Whether this key's owner signed these octets. */
  public static boolean isGood(PublicKey key, byte[] octets, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance(SigningAlgorithm.of(key));
      verifier.initVerify(key);
      verifier.update(octets);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false; // not even a signature
    }
  }

  private ContentSigner contentSigner() throws OperatorCreationException {
    return new JcaContentSignerBuilder(algorithm()).build(key);
  }

  private interface Signing<T> {
    T run() throws OperatorCreationException, GeneralSecurityException;
  }

  private <T> T signed(Signing<T> signing) {
    try {
      return signing.run();
    } catch (OperatorCreationException | RuntimeOperatorException | GeneralSecurityException e) {
      throw new RefusedException(
          Reason.MODULE_FAILED,
          "the PKCS#11 module did not sign with the " + name + " key",
          "see the service's log and the module, then try again: nothing was issued");
    }
  }
}
