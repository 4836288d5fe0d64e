package io.guardbee.service.authority;

import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.SigningAlgorithm;
import io.guardbee.service.lint.Linted;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cert.CertException;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.DefaultSignatureAlgorithmIdentifierFinder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.RuntimeOperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;

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

  /** Signs exactly these octets (RFC 5280 §4.1.1.3). */
  X509Certificate certify(Linted toBeSigned) {
    byte[] octets = toBeSigned.octets();
    byte[] signature = sign(octets);
    try {
      ASN1EncodableVector certificate = new ASN1EncodableVector(3);
      certificate.add(ASN1Primitive.fromByteArray(octets));
      certificate.add(algorithmIdentifier());
      certificate.add(new DERBitString(signature));
      return Pem.decode(new DERSequence(certificate).getEncoded(ASN1Encoding.DER));
    } catch (IOException e) {
      throw new IllegalStateException("a certificate that we built encodes", e);
    }
  }

  /** A list of revoked certificates (RFC 5280 §5). */
  public X509CRL revoke(X509v2CRLBuilder toBeSigned) {
    return signed(() -> new JcaX509CRLConverter().getCRL(toBeSigned.build(contentSigner())));
  }

  /** The same, verified, without the cost of an object for each entry. */
  X509CRLHolder list(X509v2CRLBuilder toBeSigned) {
    return signed(
        () -> {
          X509CRLHolder list = toBeSigned.build(contentSigner());
          if (!list.isSignatureValid(new JcaContentVerifierProviderBuilder().build(publicKey))) {
            throw new SignatureException("the module's signature is not valid");
          }
          return list;
        });
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
    return SigningAlgorithm.isGood(key, octets, signature);
  }

  AlgorithmIdentifier algorithmIdentifier() {
    return new DefaultSignatureAlgorithmIdentifierFinder().find(algorithm());
  }

  private ContentSigner contentSigner() throws OperatorCreationException {
    return new JcaContentSignerBuilder(algorithm()).build(key);
  }

  private interface Signing<T> {
    T run() throws OperatorCreationException, GeneralSecurityException, CertException;
  }

  private <T> T signed(Signing<T> signing) {
    try {
      return signing.run();
    } catch (OperatorCreationException
        | RuntimeOperatorException
        | GeneralSecurityException
        | CertException e) {
      throw new RefusedException(
          Reason.MODULE_FAILED,
          "the PKCS#11 module did not sign with the " + name + " key",
          "see the service's log and the module, then try again: nothing was issued");
    }
  }
}
