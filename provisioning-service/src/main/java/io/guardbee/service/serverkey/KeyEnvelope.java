package io.guardbee.service.serverkey;

import io.guardbee.pki.OneKey;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.SigningAlgorithm;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAESOAEPparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.CMSAlgorithm;
import org.bouncycastle.cms.CMSEnvelopedDataGenerator;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.RecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.cms.jcajce.JceCMSContentEncryptorBuilder;
import org.bouncycastle.cms.jcajce.JceKEKRecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JceKeyAgreeRecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JceKeyTransRecipientInfoGenerator;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.RuntimeOperatorException;
import org.jspecify.annotations.Nullable;

/**
 * A private key as RFC 7030 §4.4.2 wants it: an AsymmetricKeyPackage (RFC 5958 §2) inside
 * SignedData inside EnvelopedData. Signed by the HTTPS server's key, which the device has just
 * verified.
 */
final class KeyEnvelope {

  /** RFC 5958 §2. */
  private static final ASN1ObjectIdentifier KEY_PACKAGE =
      new ASN1ObjectIdentifier("2.16.840.1.101.2.1.2.78.5");

  private static final AlgorithmIdentifier OAEP =
      new AlgorithmIdentifier(PKCSObjectIdentifiers.id_RSAES_OAEP, oaep());

  // the JDK has no ECDH with the key derivation of CMS (RFC 5753)
  private static final Provider PROVIDER = new BouncyCastleProvider();

  private final OneKey signer;

  KeyEnvelope(OneKey signer) {
    this.signer = signer;
  }

  private static RSAESOAEPparams oaep() {
    AlgorithmIdentifier hash = new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256);
    return new RSAESOAEPparams(
        hash,
        new AlgorithmIdentifier(PKCSObjectIdentifiers.id_mgf1, hash),
        RSAESOAEPparams.DEFAULT_P_SOURCE_ALGORITHM);
  }

  /**
   * Seals a key.
   *
   * @param pkcs8 DER of PrivateKeyInfo
   * @return DER of ContentInfo
   */
  byte[] seal(byte[] pkcs8, Recipient recipient) {
    byte[] signed = new byte[0];
    try {
      signed = signed(pkcs8);
      CMSEnvelopedDataGenerator generator = new CMSEnvelopedDataGenerator();
      generator.addRecipientInfoGenerator(generator(recipient));
      return generator
          .generate(
              new CMSProcessableByteArray(CMSObjectIdentifiers.signedData, signed),
              new JceCMSContentEncryptorBuilder(recipient.cipher()).setProvider(PROVIDER).build())
          .toASN1Structure()
          .getEncoded("DER");
    } catch (CMSException | GeneralSecurityException | IOException e) {
      throw Recipients.unusable(
          "nothing can be encrypted to the key that the request names", "name another key");
    } finally {
      Arrays.fill(signed, (byte) 0);
    }
  }

  private static RecipientInfoGenerator generator(Recipient recipient)
      throws GeneralSecurityException {
    if (recipient instanceof Recipient.Shared shared) {
      return new JceKEKRecipientInfoGenerator(shared.identifier().getOctets(), shared.key())
          .setProvider(PROVIDER);
    }
    Recipient.Pair pair = (Recipient.Pair) recipient;
    if (pair.key() instanceof RSAPublicKey rsa) {
      return new JceKeyTransRecipientInfoGenerator(pair.identifier().getOctets(), OAEP, rsa)
          .setProvider(PROVIDER);
    }
    ECPublicKey ec = (ECPublicKey) pair.key();
    KeyPairGenerator ephemeral = KeyPairGenerator.getInstance("EC", PROVIDER);
    ephemeral.initialize(ec.getParams());
    KeyPair once = ephemeral.generateKeyPair();
    return new JceKeyAgreeRecipientInfoGenerator(
            CMSAlgorithm.ECDH_SHA256KDF,
            once.getPrivate(),
            once.getPublic(),
            CMSAlgorithm.AES256_WRAP)
        .addRecipient(pair.identifier().getOctets(), ec)
        .setProvider(PROVIDER);
  }

  /** DER of SignedData, as content of its own type is (RFC 5652 §5.1). */
  private byte[] signed(byte[] pkcs8) throws CMSException, IOException {
    byte[] keyPackage = new DERSequence(PrivateKeyInfo.getInstance(pkcs8)).getEncoded("DER");
    String alias = Objects.requireNonNull(alias(), "the HTTPS server has a key");
    PrivateKey key = Objects.requireNonNull(signer.getPrivateKey(alias));
    X509Certificate[] chain = Objects.requireNonNull(signer.getCertificateChain(alias));
    try {
      CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
      generator.addSignerInfoGenerator(
          new JcaSimpleSignerInfoGeneratorBuilder()
              .build(SigningAlgorithm.of(chain[0].getPublicKey()), key, chain[0]));
      generator.addCertificates(new JcaCertStore(List.of(chain)));
      return generator
          .generate(new CMSProcessableByteArray(KEY_PACKAGE, keyPackage), true)
          .toASN1Structure()
          .getContent()
          .toASN1Primitive()
          .getEncoded("DER");
    } catch (OperatorCreationException | RuntimeOperatorException | GeneralSecurityException e) {
      throw new RefusedException(
          Reason.MODULE_FAILED,
          "the PKCS#11 module did not sign with the HTTPS server's key",
          "see the service's log and the module, then try again: nothing was issued");
    } finally {
      Arrays.fill(keyPackage, (byte) 0);
    }
  }

  private @Nullable String alias() {
    String algorithm = signer.certificate().getPublicKey().getAlgorithm();
    return signer.chooseServerAlias(algorithm, null, null);
  }
}
