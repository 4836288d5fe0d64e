package io.guardbee.broker;

import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.stream.IntStream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate that no issuer in its right mind makes, signed by one of the tests' own
 * authorities: {@code Forged.named("d-1").serial(ZERO).signedBy(issuing)}. What is not said is as
 * Guardbee issues it.
 */
final class Forged {

  private static final SecureRandom RANDOM = new SecureRandom();

  private record Part(ASN1ObjectIdentifier type, boolean critical, ASN1Encodable value) {}

  private final X500NameBuilder subject = new X500NameBuilder(BCStyle.INSTANCE);
  private final List<Part> parts = new ArrayList<>();
  private BigInteger serial = new BigInteger(127, RANDOM).setBit(120);
  private String signature = "";
  private String key = "EC";
  private boolean authority;
  private int pathLength = -1;
  private KeyPurposeId[] purposes = {KeyPurposeId.id_kp_clientAuth};
  private Instant from = Instant.now().minus(Duration.ofMinutes(5));

  private Forged() {}

  /** With a CN for each of these, any characters, and the profile sensor. */
  static Forged named(String... commonNames) {
    Forged forged = new Forged();
    for (String name : commonNames) {
      forged.subject.addRDN(BCStyle.CN, new DERUTF8String(name));
    }
    forged.subject.addRDN(BCStyle.OU, new DERUTF8String("sensor"));
    return forged;
  }

  /** The same with a CN of that string type. */
  static Forged named(ASN1String commonName) {
    Forged forged = new Forged();
    forged.subject.addRDN(BCStyle.CN, (ASN1Encodable) commonName);
    forged.subject.addRDN(BCStyle.OU, new DERUTF8String("sensor"));
    return forged;
  }

  /** An authority with an RSA key. */
  static TestCa rsaAuthority(TestCa root) {
    return named("issuing-rsa").key("RSA").authority(-1).signedBy(root);
  }

  Forged and(ASN1ObjectIdentifier type, String value) {
    subject.addRDN(type, new DERUTF8String(value));
    return this;
  }

  Forged serial(BigInteger value) {
    serial = value;
    return this;
  }

  /** Instead of the usual algorithm of the signer's key. */
  Forged signature(String algorithm) {
    signature = algorithm;
    return this;
  }

  /** {@code EC}, {@code RSA} or {@code RSA-1024}. */
  Forged key(String kind) {
    key = kind;
    return this;
  }

  Forged purposes(KeyPurposeId... purposes) {
    this.purposes = purposes.clone();
    return this;
  }

  /**
   * @param pathLength negative for none
   */
  Forged authority(int pathLength) {
    authority = true;
    this.pathLength = pathLength;
    return this;
  }

  Forged validFrom(Instant from) {
    this.from = from;
    return this;
  }

  Forged extension(ASN1ObjectIdentifier type, boolean critical, ASN1Encodable value) {
    parts.add(new Part(type, critical, value));
    return this;
  }

  Forged alternativeNames(int count) {
    GeneralName[] names =
        IntStream.range(0, count)
            .mapToObj(i -> new GeneralName(GeneralName.dNSName, "n" + i + ".example"))
            .toArray(GeneralName[]::new);
    return extension(Extension.subjectAlternativeName, false, new GeneralNames(names));
  }

  /** Signs it; the chain is this certificate, then the signer's but for the root. */
  TestCa signedBy(TestCa signer) {
    try {
      KeyPair pair = newKey();
      X509Certificate certificate = build(pair, signer);
      List<X509Certificate> chain = new ArrayList<>(List.of(certificate));
      X509Certificate above = signer.certificate();
      if (!above.getSubjectX500Principal().equals(above.getIssuerX500Principal())) {
        chain.addAll(signer.chain());
      }
      return new TestCa(certificate, pair.getPrivate(), chain);
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  private KeyPair newKey() throws GeneralSecurityException {
    KeyPairGenerator generator =
        KeyPairGenerator.getInstance(key.substring(0, key.equals("EC") ? 2 : 3));
    if (key.equals("EC")) {
      generator.initialize(new ECGenParameterSpec("secp256r1"));
    } else {
      generator.initialize(key.equals("RSA") ? 2048 : 1024);
    }
    return generator.generateKeyPair();
  }

  private X509Certificate build(KeyPair pair, TestCa signer)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            X500Name.getInstance(signer.certificate().getSubjectX500Principal().getEncoded()),
            serial,
            Date.from(from),
            Date.from(from.plus(Duration.ofDays(30))),
            subject.build(),
            pair.getPublic());
    BasicConstraints constraints =
        authority && pathLength >= 0
            ? new BasicConstraints(pathLength)
            : new BasicConstraints(authority);
    builder.addExtension(Extension.basicConstraints, true, constraints);
    builder.addExtension(
        Extension.keyUsage,
        true,
        new KeyUsage(
            authority
                ? KeyUsage.keyCertSign | KeyUsage.digitalSignature
                : KeyUsage.digitalSignature));
    if (purposes.length > 0) {
      builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
    }
    for (Part part : parts) {
      builder.addExtension(part.type(), part.critical(), part.value());
    }
    boolean rsa = signer.key().getAlgorithm().equals("RSA");
    String usual = rsa ? "SHA256withRSA" : "SHA256withECDSA";
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder(signature.isEmpty() ? usual : signature)
                    .build(signer.key())));
  }
}
