package io.guardbee.service.request;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * The parts of a CertificationRequest (RFC 2986 §4), and no part more.
 *
 * @param signed what the signature is over, as it came
 */
record Pkcs10(
    ASN1OctetString signed,
    X500Name subject,
    SubjectPublicKeyInfo key,
    Attributes attributes,
    AlgorithmIdentifier algorithm,
    ASN1BitString signature) {

  static Pkcs10 parse(byte[] der) {
    DerShape shape = new DerShape();
    shape.check(der);
    ASN1Sequence request = sequence(ASN1Sequence.getInstance(der), 3, 3);
    ASN1Sequence info = sequence(ASN1Sequence.getInstance(request.getObjectAt(0)), 3, 4);
    if (!ASN1Integer.getInstance(info.getObjectAt(0)).hasValue(0)) {
      throw malformed("its version is not 0 (v1)");
    }
    ASN1BitString signature = ASN1BitString.getInstance(request.getObjectAt(2));
    return new Pkcs10(
        new DEROctetString(DerShape.first(der)),
        X500Name.getInstance(info.getObjectAt(1)),
        SubjectPublicKeyInfo.getInstance(info.getObjectAt(2)),
        new Attributes(attributes(info), shape),
        AlgorithmIdentifier.getInstance(request.getObjectAt(1)),
        signature);
  }

  /** The attributes may be none, but not left out; some clients do so, and harm nobody. */
  private static ASN1Set attributes(ASN1Sequence info) {
    if (info.size() == 3) {
      return new DERSet();
    }
    ASN1TaggedObject tagged = ASN1TaggedObject.getInstance(info.getObjectAt(3));
    if (!tagged.hasContextTag(0)) {
      throw malformed("its fourth part is not the attributes");
    }
    return ASN1Set.getInstance(tagged, false);
  }

  private static ASN1Sequence sequence(ASN1Sequence sequence, int least, int most) {
    if (sequence.size() < least || sequence.size() > most) {
      throw malformed("a part of it has " + sequence.size() + " elements");
    }
    return sequence;
  }

  static ASN1Encodable[] pair(ASN1Encodable value) {
    ASN1Sequence sequence = sequence(ASN1Sequence.getInstance(value), 2, 2);
    return new ASN1Encodable[] {sequence.getObjectAt(0), sequence.getObjectAt(1)};
  }

  static RefusedException malformed(String what) {
    return new RefusedException(
        Reason.CSR_MALFORMED,
        "the request is not a PKCS#10: " + what,
        "send DER in base64, as openssl req -new -outform DER | base64 writes it");
  }
}
