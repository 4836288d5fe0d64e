package io.guardbee.service.est;

import io.guardbee.service.profile.KeyKind;
import io.guardbee.service.profile.Profile;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** What a request under a profile should hold (RFC 7030 §4.5, RFC 8951 §3.5, RFC 9908). */
final class CsrAttributes {

  /** RFC 9908 §3.4, id-aa-certificationRequestInfoTemplate. */
  private static final ASN1ObjectIdentifier TEMPLATE =
      new ASN1ObjectIdentifier("1.2.840.113549.1.9.16.2.61");

  /** RFC 9908 §3.4, id-aa-extensionReqTemplate. */
  private static final ASN1ObjectIdentifier EXTENSION_TEMPLATE =
      new ASN1ObjectIdentifier("1.2.840.113549.1.9.16.2.62");

  private static final int RSA_BITS = 2048;

  private final Profile profile;
  private final boolean bound;

  /**
   * @param bound whether challengePassword can link a request to this connection (RFC 7030 §3.5)
   */
  CsrAttributes(Profile profile, boolean bound) {
    this.profile = profile;
    this.bound = bound;
  }

  /** DER of CsrAttrs; empty when there is nothing to say. */
  Optional<byte[]> der() {
    List<ASN1Encodable> all = profile.est().template() ? template() : plain();
    if (all.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(sequence(all).getEncoded("DER"));
    } catch (IOException e) {
      throw new IllegalStateException("attributes built here encode", e);
    }
  }

  /** One by one: object identifiers and attributes (RFC 8951 §3.5). */
  private List<ASN1Encodable> plain() {
    List<ASN1Encodable> all = new ArrayList<>();
    if (bound) {
      all.add(PKCSObjectIdentifiers.pkcs_9_at_challengePassword);
    }
    kinds().map(CsrAttributes::key).forEach(all::add);
    if (!profile.requestedNames().isEmpty()) {
      all.add(
          attribute(
              PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, Extension.subjectAlternativeName));
    }
    return all;
  }

  /** Of a profile that takes every kind of key there is nothing to say. */
  private Stream<KeyKind> kinds() {
    return profile.keys().size() == KeyKind.values().length
        ? Stream.empty()
        : Stream.of(KeyKind.values()).filter(profile.keys()::contains);
  }

  private static ASN1Encodable key(KeyKind kind) {
    return switch (kind) {
      case EC_P256 -> attribute(X9ObjectIdentifiers.id_ecPublicKey, SECObjectIdentifiers.secp256r1);
      case EC_P384 -> attribute(X9ObjectIdentifiers.id_ecPublicKey, SECObjectIdentifiers.secp384r1);
      case ED25519 -> EdECObjectIdentifiers.id_Ed25519;
      case RSA -> attribute(PKCSObjectIdentifiers.rsaEncryption, new ASN1Integer(RSA_BITS));
    };
  }

  /** A request with blanks for the client to fill in (RFC 9908 §3.4). */
  private List<ASN1Encodable> template() {
    List<ASN1Encodable> parts = new ArrayList<>();
    parts.add(new ASN1Integer(0));
    // the CN is the client's own to fill in; all else of the subject is the profile's, whatever the
    // request says
    parts.add(new DERSequence(new DERSet(new DERSequence(BCStyle.CN))));
    kinds()
        .findFirst()
        .ifPresent(kind -> parts.add(new DERTaggedObject(false, 0, keyTemplate(kind))));
    parts.add(new DERTaggedObject(false, 1, new DERSet(vector(attributes()))));
    return List.of(attribute(TEMPLATE, sequence(parts)));
  }

  private List<ASN1Encodable> attributes() {
    List<ASN1Encodable> attributes = new ArrayList<>();
    if (bound) {
      attributes.add(
          new DERSequence(
              vector(List.of(PKCSObjectIdentifiers.pkcs_9_at_challengePassword, new DERSet()))));
    }
    if (!profile.requestedNames().isEmpty()) {
      ASN1Encodable blank = new DERSequence(Extension.subjectAlternativeName);
      attributes.add(attribute(EXTENSION_TEMPLATE, new DERSequence(blank)));
    }
    return attributes;
  }

  private static DERSequence keyTemplate(KeyKind kind) {
    return switch (kind) {
      case EC_P256 -> algorithm(X9ObjectIdentifiers.id_ecPublicKey, SECObjectIdentifiers.secp256r1);
      case EC_P384 -> algorithm(X9ObjectIdentifiers.id_ecPublicKey, SECObjectIdentifiers.secp384r1);
      case ED25519 -> new DERSequence(new DERSequence(EdECObjectIdentifiers.id_Ed25519));
      case RSA -> rsaTemplate();
    };
  }

  private static DERSequence algorithm(ASN1ObjectIdentifier type, ASN1Encodable parameters) {
    return new DERSequence(sequence(List.of(type, parameters)));
  }

  /** The size is told by a key that is none: a modulus that long, the exponent 0. */
  private static DERSequence rsaTemplate() {
    try {
      ASN1Integer modulus = new ASN1Integer(BigInteger.ONE.shiftLeft(RSA_BITS - 1));
      byte[] placeholder = sequence(List.of(modulus, new ASN1Integer(0))).getEncoded("DER");
      DERSequence algorithm =
          sequence(List.of(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE));
      return sequence(List.of(algorithm, new DERBitString(placeholder)));
    } catch (IOException e) {
      throw new IllegalStateException("numbers encode", e);
    }
  }

  private static DERSequence attribute(ASN1ObjectIdentifier type, ASN1Encodable value) {
    return sequence(List.of(type, new DERSet(value)));
  }

  private static DERSequence sequence(List<? extends ASN1Encodable> elements) {
    return new DERSequence(vector(elements));
  }

  private static ASN1EncodableVector vector(List<? extends ASN1Encodable> elements) {
    ASN1EncodableVector vector = new ASN1EncodableVector();
    elements.forEach(vector::add);
    return vector;
  }
}
