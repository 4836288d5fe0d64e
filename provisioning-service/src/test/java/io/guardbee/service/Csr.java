package io.guardbee.service;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Certificate requests, good and bad: {@code Csr.of(key).subject("CN=d-1").base64()}. */
public final class Csr {

  private final KeyPair key;
  private final ExtensionsGenerator extensions = new ExtensionsGenerator();
  private final Map<ASN1ObjectIdentifier, ASN1Encodable> attributes = new HashMap<>();
  private String subject = "";
  private KeyPair signer;

  private Csr(KeyPair key) {
    this.key = key;
    this.signer = key;
  }

  public static Csr of(KeyPair key) {
    return new Csr(key);
  }

  public static KeyPair newKey() {
    return newKey("secp256r1");
  }

  public static KeyPair newKey(String curve) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(curve));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public static KeyPair newRsaKey(int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(bits);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public static KeyPair newEd25519Key() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public Csr subject(String name) {
    subject = name;
    return this;
  }

  /** Signed by another key than the one in it. */
  public Csr signedBy(KeyPair other) {
    signer = other;
    return this;
  }

  public Csr asksForAuthority() {
    return extension(Extension.basicConstraints, new BasicConstraints(true));
  }

  public Csr asksToSignCertificates() {
    return extension(Extension.keyUsage, new KeyUsage(KeyUsage.keyCertSign));
  }

  public Csr alternativeName(String dnsName) {
    return extension(
        Extension.subjectAlternativeName,
        new GeneralNames(new GeneralName(GeneralName.dNSName, dnsName)));
  }

  public Csr attribute(ASN1ObjectIdentifier type, ASN1Encodable value) {
    attributes.put(type, value);
    return this;
  }

  private Csr extension(ASN1ObjectIdentifier oid, ASN1Encodable value) {
    try {
      extensions.addExtension(oid, true, value);
      return this;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public byte[] der() {
    try {
      PKCS10CertificationRequestBuilder builder =
          new JcaPKCS10CertificationRequestBuilder(new X500Principal(subject), key.getPublic());
      if (!extensions.isEmpty()) {
        builder.addAttribute(
            PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
      }
      attributes.forEach(builder::addAttribute);
      String algorithm =
          switch (signer.getPrivate().getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EdDSA", "Ed25519" -> "Ed25519";
            default -> "SHA256withECDSA";
          };
      return builder
          .build(new JcaContentSignerBuilder(algorithm).build(signer.getPrivate()))
          .getEncoded();
    } catch (IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One line. */
  public String base64() {
    return Base64.getEncoder().encodeToString(der());
  }
}
