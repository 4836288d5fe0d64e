package io.guardbee.service.request;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.operator.DefaultSignatureAlgorithmIdentifierFinder;

/** Requests put together by hand and signed well, so that only what is odd in them is refused. */
final class Handmade {

  private final KeyPair signer;
  private final List<ASN1Encodable> attributes = new ArrayList<>();
  private final String algorithm;
  private ASN1Encodable key;
  private ASN1Encodable subject = new X500Name("CN=d-1");
  private int version;

  private Handmade(KeyPair signer, String algorithm) {
    this.signer = signer;
    this.algorithm = algorithm;
    this.key = SubjectPublicKeyInfo.getInstance(signer.getPublic().getEncoded());
  }

  static Handmade of(KeyPair signer) {
    return new Handmade(signer, "SHA256withECDSA");
  }

  static Handmade of(KeyPair signer, String algorithm) {
    return new Handmade(signer, algorithm);
  }

  Handmade key(ASN1Encodable spki) {
    key = spki;
    return this;
  }

  Handmade subject(ASN1Encodable name) {
    subject = name;
    return this;
  }

  Handmade version(int number) {
    version = number;
    return this;
  }

  Handmade attribute(ASN1ObjectIdentifier type, ASN1Encodable... values) {
    attributes.add(new DERSequence(new ASN1Encodable[] {type, new DERSet(values)}));
    return this;
  }

  Handmade extensions(Extensions extensions) {
    return attribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions);
  }

  byte[] der() {
    ASN1EncodableVector parts = new ASN1EncodableVector();
    parts.add(new ASN1Integer(version));
    parts.add(subject);
    parts.add(key);
    parts.add(new DERTaggedObject(false, 0, new DERSet(attributes.toArray(new ASN1Encodable[0]))));
    try {
      byte[] info = new DERSequence(parts).getEncoded("DER");
      return new DERSequence(
              new ASN1Encodable[] {
                ASN1Primitive.fromByteArray(info),
                new DefaultSignatureAlgorithmIdentifierFinder().find(algorithm),
                new DERBitString(signature(info))
              })
          .getEncoded("DER");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[] signature(byte[] info) {
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(signer.getPrivate());
      signature.update(info);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
