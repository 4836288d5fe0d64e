package io.guardbee.service.lint;

import io.guardbee.service.Csr;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.Validity;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.jspecify.annotations.Nullable;

/** A good certificate before its signature, to be spoilt in one place at a time. */
final class Sample {

  private static final TestCa CA = TestCa.root().authority("Sample CA");
  private static final SubjectPublicKeyInfo EC = key("secp256r1");
  private static final SubjectPublicKeyInfo RSA =
      SubjectPublicKeyInfo.getInstance(Csr.newRsaKey(2048).getPublic().getEncoded());
  private static final SubjectPublicKeyInfo ED25519 =
      SubjectPublicKeyInfo.getInstance(Csr.newEd25519Key().getPublic().getEncoded());

  final Certificate issuer = certificate();
  int version = 2;
  BigInteger serial = BigInteger.ONE.shiftLeft(150);
  AlgorithmIdentifier algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
  X500Name issuerName = issuer.getSubject();
  Time from = new Time(CA.certificate().getNotBefore());
  Time until = new Time(CA.certificate().getNotAfter());
  X500Name subject = name("CN=d-1,OU=sensor,O=Acme,C=DE");
  SubjectPublicKeyInfo key = EC;
  @Nullable ASN1BitString issuerId;
  final Map<ASN1ObjectIdentifier, Extension> extensions = new LinkedHashMap<>();

  private Sample() {}

  static Sample good() {
    return new Sample()
        .with(Extension.basicConstraints, true, new BasicConstraints(false))
        .with(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
        .with(
            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth))
        .with(Extension.authorityKeyIdentifier, false, authorityKey())
        .with(Extension.cRLDistributionPoints, false, points("http://pki.acme.example/a.crl"))
        .with(Extension.authorityInfoAccess, false, access("http://pki.acme.example/ocsp"))
        .names(
            new GeneralName(GeneralName.dNSName, "d-1.acme.example"),
            new GeneralName(GeneralName.iPAddress, "192.0.2.7"),
            new GeneralName(GeneralName.uniformResourceIdentifier, "urn:acme:d-1"),
            new GeneralName(GeneralName.rfc822Name, "d-1@acme.example"))
        .ofKey(EC);
  }

  static SubjectPublicKeyInfo key(String curve) {
    return SubjectPublicKeyInfo.getInstance(Csr.newKey(curve).getPublic().getEncoded());
  }

  Sample rsa() {
    return ofKey(RSA);
  }

  Sample ed25519() {
    return ofKey(ED25519);
  }

  Sample ofKey(SubjectPublicKeyInfo other) {
    key = other;
    return with(
        Extension.subjectKeyIdentifier,
        false,
        new SubjectKeyIdentifier(Draft.keyIdentifier(other)));
  }

  private static Certificate certificate() {
    try {
      return Certificate.getInstance(CA.certificate().getEncoded());
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static X500Name name(String text) {
    return X500Name.getInstance(new X500Principal(text).getEncoded());
  }

  static AuthorityKeyIdentifier authorityKey() {
    return new AuthorityKeyIdentifier(Draft.keyIdentifier(certificate().getSubjectPublicKeyInfo()));
  }

  static CRLDistPoint points(String address) {
    return new CRLDistPoint(
        new DistributionPoint[] {
          new DistributionPoint(
              new DistributionPointName(
                  new GeneralNames(
                      new GeneralName(GeneralName.uniformResourceIdentifier, address))),
              null,
              null)
        });
  }

  static AuthorityInformationAccess access(String responder) {
    return new AuthorityInformationAccess(
        new AccessDescription[] {
          new AccessDescription(
              AccessDescription.id_ad_ocsp,
              new GeneralName(GeneralName.uniformResourceIdentifier, responder)),
          new AccessDescription(
              AccessDescription.id_ad_caIssuers,
              new GeneralName(
                  GeneralName.uniformResourceIdentifier, "http://pki.acme.example/a.cer"))
        });
  }

  Sample with(ASN1ObjectIdentifier type, boolean critical, ASN1Encodable value) {
    try {
      extensions.put(type, Extension.create(type, critical, value));
      return this;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  Sample without(ASN1ObjectIdentifier... types) {
    Arrays.asList(types).forEach(extensions::remove);
    return this;
  }

  Sample usage(int bits) {
    return with(Extension.keyUsage, true, new KeyUsage(bits));
  }

  Sample purposes(KeyPurposeId... purposes) {
    return with(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
  }

  Sample names(GeneralName... names) {
    return with(Extension.subjectAlternativeName, false, new GeneralNames(names));
  }

  Sample name(int form, String value) {
    return names(new GeneralName(form, value));
  }

  TBSCertificate draft() {
    return new TBSCertificate(
        new ASN1Integer(version),
        new ASN1Integer(serial),
        algorithm,
        issuerName,
        new Validity(from, until),
        subject,
        key,
        issuerId,
        null,
        extensions.isEmpty()
            ? null
            : new Extensions(extensions.values().toArray(new Extension[0])));
  }

  byte[] octets() {
    try {
      return draft().getEncoded("DER");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
