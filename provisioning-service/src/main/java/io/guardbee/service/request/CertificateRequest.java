package io.guardbee.service.request;

import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.KeyClaim;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import io.guardbee.service.profile.KeyKind;
import io.guardbee.service.profile.Name;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.pkcs.Attribute;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.smime.SMIMECapability;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A PKCS#10 request (RFC 2986) that parsed and whose signature proved possession of the key. What
 * its author is entitled to is not decided here.
 */
public final class CertificateRequest {

  private final PublicKey publicKey;
  private final KeyKind keyKind;
  private final Fingerprint keyFingerprint;
  private final Subject subject;
  private final @Nullable Extensions extensions; // none asked for: BouncyCastle takes null
  private final AttributeTable attributes;
  private @Nullable KeyClaim keyClaim;

  private CertificateRequest(JcaPKCS10CertificationRequest pkcs10)
      throws GeneralSecurityException, IOException {
    publicKey = pkcs10.getPublicKey();
    keyKind = KeyKind.of(publicKey);
    keyFingerprint = Fingerprint.of(pkcs10.getSubjectPublicKeyInfo().getEncoded("DER"));
    subject = Subject.of(new X500Principal(pkcs10.getSubject().getEncoded("DER")));
    extensions = requestedExtensions(pkcs10);
    attributes = new AttributeTable(new DERSet(pkcs10.getAttributes()));
  }

  private CertificateRequest(CertificateRequest like, PublicKey key)
      throws GeneralSecurityException {
    publicKey = key;
    keyKind = KeyKind.of(key);
    keyFingerprint = Fingerprint.of(key.getEncoded());
    subject = like.subject;
    extensions = like.extensions;
    attributes = like.attributes;
  }

  /**
   * The same request for a key that this service has made (RFC 7030 §4.4): the author's own key
   * only signed the request.
   */
  public CertificateRequest forKey(PublicKey key) {
    try {
      return new CertificateRequest(this, key);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key of our own has an encoding", e);
    }
  }

  /**
   * Parses and verifies.
   *
   * @param der the request's DER encoding
   * @throws RefusedException {@link Reason#CSR_MALFORMED}, {@link Reason#CSR_SIGNATURE_INVALID}, or
   *     what {@link KeyKind#of} says of the key
   */
  public static CertificateRequest parse(byte[] der) {
    try {
      JcaPKCS10CertificationRequest pkcs10 = new JcaPKCS10CertificationRequest(der);
      CertificateRequest request = new CertificateRequest(pkcs10);
      if (!pkcs10.isSignatureValid(
          new JcaContentVerifierProviderBuilder().build(request.publicKey))) {
        throw badSignature();
      }
      return request;
    } catch (OperatorCreationException | PKCSException e) {
      throw badSignature();
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      // the ASN.1 reader reports what it cannot take in many unchecked ways
      if (e instanceof RefusedException refused) {
        throw refused;
      }
      throw new RefusedException(
          Reason.CSR_MALFORMED,
          "the body is not a PKCS#10 certificate request",
          "send DER in base64, as openssl req -new -outform DER | base64 writes it");
    }
  }

  /** What the device says of its key; it decides nothing. */
  public CertificateRequest claiming(@Nullable KeyClaim claim) {
    keyClaim = claim;
    return this;
  }

  /** What the device says of its key. */
  public @Nullable KeyClaim keyClaim() {
    return keyClaim;
  }

  /** A request for a key of our own: the installation's certificates go the way of all others. */
  public static CertificateRequest forOwn(KeyPair key) {
    try {
      return parse(
          new JcaPKCS10CertificationRequestBuilder(new X500Principal(""), key.getPublic())
              .build(
                  new JcaContentSignerBuilder(algorithm(key.getPublic())).build(key.getPrivate()))
              .getEncoded());
    } catch (OperatorCreationException | IOException e) {
      throw new IllegalStateException("a key of our own signs a request", e);
    }
  }

  private static String algorithm(PublicKey key) {
    return switch (KeyKind.of(key)) {
      case EC_P256 -> "SHA256withECDSA";
      case EC_P384 -> "SHA384withECDSA";
      case ED25519 -> "Ed25519";
      case RSA -> "SHA256withRSA";
    };
  }

  private static @Nullable Extensions requestedExtensions(JcaPKCS10CertificationRequest pkcs10) {
    List<Extension> found = new ArrayList<>();
    for (Attribute attribute :
        pkcs10.getAttributes(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest)) {
      for (ASN1Encodable value : attribute.getAttrValues()) {
        Extensions requested = Extensions.getInstance(value);
        for (var oid : requested.getExtensionOIDs()) {
          found.add(requested.getExtension(oid));
        }
      }
    }
    return found.isEmpty() ? null : new Extensions(found.toArray(new Extension[0]));
  }

  public PublicKey publicKey() {
    return publicKey;
  }

  public KeyKind keyKind() {
    return keyKind;
  }

  /** The SHA-256 of the SubjectPublicKeyInfo. */
  public Fingerprint keyFingerprint() {
    return keyFingerprint;
  }

  /** The subject asked for; may be empty, as some clients send it. */
  public Subject subject() {
    return subject;
  }

  /**
   * Every subjectAltName asked for.
   *
   * @throws RefusedException {@link Reason#CSR_NAME_MISMATCH} for a form that is never issued
   */
  public List<Name> names() {
    GeneralNames names = GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName);
    if (names == null) {
      return List.of();
    }
    return Arrays.stream(names.getNames()).map(CertificateRequest::name).toList();
  }

  private static Name name(GeneralName name) {
    String text = name.getName().toString();
    return switch (name.getTagNo()) {
      case GeneralName.dNSName -> new Name(Name.Kind.DNS, text);
      case GeneralName.uniformResourceIdentifier -> new Name(Name.Kind.URI, text);
      case GeneralName.rfc822Name -> new Name(Name.Kind.EMAIL, text);
      case GeneralName.iPAddress -> new Name(Name.Kind.IP, address(name));
      default ->
          throw new RefusedException(
              Reason.CSR_NAME_MISMATCH,
              "the request asks for a subjectAltName of form [" + name.getTagNo() + "]",
              "ask for dNSName, iPAddress, uniformResourceIdentifier or rfc822Name only");
    };
  }

  private static String address(GeneralName name) {
    try {
      byte[] octets = ASN1OctetString.getInstance(name.getName()).getOctets();
      return InetAddress.getByAddress(octets).getHostAddress();
    } catch (UnknownHostException e) {
      throw new RefusedException(
          Reason.CSR_MALFORMED,
          "an iPAddress of the request has neither 4 nor 16 octets",
          "write addresses as RFC 5280 section 4.2.1.6 says");
    }
  }

  /** The password in the request (RFC 2985 §5.4.1), by which EST links it to its connection. */
  public Optional<String> challengePassword() {
    return attribute(PKCSObjectIdentifiers.pkcs_9_at_challengePassword, ASN1String.class)
        .map(ASN1String::getString);
  }

  /** Names a key that both sides have (RFC 7030 §4.4.1.1). */
  public Optional<byte[]> decryptKeyIdentifier() {
    return attribute(PKCSObjectIdentifiers.id_aa_decryptKeyID, ASN1OctetString.class)
        .map(ASN1OctetString::getOctets);
  }

  /** Names a key pair of the author's (RFC 7030 §4.4.1.2). */
  public Optional<byte[]> asymmetricDecryptKeyIdentifier() {
    return attribute(PKCSObjectIdentifiers.id_aa_asymmDecryptKeyID, ASN1OctetString.class)
        .map(ASN1OctetString::getOctets);
  }

  /** Object identifiers of what the author can decrypt (RFC 8551 §2.5.2); empty for no word. */
  public List<String> capabilities() {
    List<String> known = new ArrayList<>();
    attribute(PKCSObjectIdentifiers.pkcs_9_at_smimeCapabilities, ASN1Sequence.class)
        .ifPresent(
            all ->
                all.forEach(
                    one -> known.add(SMIMECapability.getInstance(one).getCapabilityID().getId())));
    return known;
  }

  private <T> Optional<T> attribute(ASN1ObjectIdentifier type, Class<T> form) {
    var attribute = attributes.get(type);
    if (attribute == null) {
      return Optional.empty();
    }
    if (attribute.getAttrValues().size() == 1
        && form.isInstance(attribute.getAttributeValues()[0])) {
      return Optional.of(form.cast(attribute.getAttributeValues()[0]));
    }
    throw new RefusedException(
        Reason.CSR_MALFORMED,
        "attribute " + type + " of the request does not read",
        "give it one value of its type, or leave it out");
  }

  /** Whether it asks to become an authority: CA:TRUE, or a key usage that signs certificates. */
  public boolean asksForAuthority() {
    boolean authority =
        Optional.ofNullable(BasicConstraints.fromExtensions(extensions))
            .map(BasicConstraints::isCA)
            .orElse(false);
    boolean signs =
        Optional.ofNullable(KeyUsage.fromExtensions(extensions))
            .map(
                usage -> usage.hasUsages(KeyUsage.keyCertSign) || usage.hasUsages(KeyUsage.cRLSign))
            .orElse(false);
    return authority || signs;
  }

  private static RefusedException badSignature() {
    return new RefusedException(
        Reason.CSR_SIGNATURE_INVALID,
        "the request's signature does not match its public key",
        "sign the request with the private key that belongs to it");
  }
}
