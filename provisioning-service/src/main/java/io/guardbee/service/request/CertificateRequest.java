package io.guardbee.service.request;

import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.KeyClaim;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import io.guardbee.service.profile.KeyKind;
import io.guardbee.service.profile.Name;
import io.guardbee.service.request.key.KeyGate;
import java.io.IOException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A PKCS#10 request (RFC 2986) that parsed, whose key is fit, whose subject can be read in one way
 * only, and whose signature proved possession of the key. What its author is entitled to is not
 * decided here.
 */
public final class CertificateRequest {

  /** RFC 4108 §2.2.5 gives it to firmware, RFC 7030 §4.4.1.1 to EST. */
  private static final ASN1ObjectIdentifier DECRYPT_KEY_IDENTIFIER =
      new ASN1ObjectIdentifier("1.2.840.113549.1.9.16.2.37");

  private static final ASN1ObjectIdentifier ASYMMETRIC_DECRYPT_KEY_IDENTIFIER =
      new ASN1ObjectIdentifier("1.2.840.113549.1.9.16.2.54"); // RFC 7030 §4.4.1.2

  private final PublicKey publicKey;
  private final KeyKind keyKind;
  private final Fingerprint keyFingerprint;
  private final Subject subject;
  private final Attributes attributes;
  private @Nullable KeyClaim keyClaim;

  private CertificateRequest(Pkcs10 request) throws IOException {
    keyKind = KeyKind.of(request.key());
    publicKey = KeyGate.admit(request.key());
    keyFingerprint = Fingerprint.of(request.key().getEncoded(ASN1Encoding.DER));
    subject = SubjectRules.check(request.subject());
    attributes = request.attributes();
  }

  private CertificateRequest(CertificateRequest like, PublicKey key) {
    keyKind = KeyKind.of(SubjectPublicKeyInfo.getInstance(key.getEncoded()));
    publicKey = key;
    keyFingerprint = Fingerprint.of(key.getEncoded());
    subject = like.subject;
    attributes = like.attributes;
  }

  /**
   * The same request for a key that this service has made (RFC 7030 §4.4): the author's own key
   * only signed the request.
   */
  public CertificateRequest forKey(PublicKey key) {
    return new CertificateRequest(this, key);
  }

  /**
   * Parses and verifies.
   *
   * @param der the request's DER encoding; at most 32,768 octets, 1,000 elements, 16 levels
   * @throws RefusedException {@link Reason#CSR_MALFORMED}, {@link Reason#CSR_TOO_COMPLEX}, {@link
   *     Reason#CSR_SIGNATURE_INVALID}, {@link Reason#CSR_NAME_MISMATCH}, {@link
   *     Reason#ATTRIBUTE_INVALID}, {@link Reason#DEVICE_ID_INVALID}, or what {@link KeyGate#admit}
   *     says of the key
   */
  public static CertificateRequest parse(byte[] der) {
    try {
      Pkcs10 pkcs10 = Pkcs10.parse(der);
      CertificateRequest request = new CertificateRequest(pkcs10);
      Possession.check(pkcs10, request.publicKey, request.keyKind);
      return request;
    } catch (IOException | RuntimeException e) {
      // the ASN.1 reader reports what it cannot take in many unchecked ways
      throw unreadable(e);
    }
  }

  private static RefusedException unreadable(Exception e) {
    return e instanceof RefusedException refused
        ? refused
        : Pkcs10.malformed("a part of it is of another type");
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
   * @throws RefusedException {@link Reason#CSR_NAME_MISMATCH} for a form that is never issued,
   *     {@link Reason#ATTRIBUTE_INVALID} for text that is no such name, {@link
   *     Reason#CSR_TOO_COMPLEX} for more than 100
   */
  public List<Name> names() {
    return reading(() -> RequestedNames.of(attributes.extensions()));
  }

  /** The OIDs of the extensions asked for, in dotted form and in the request's order. */
  public List<String> requestedExtensions() {
    Extensions asked = attributes.extensions();
    return asked == null
        ? List.of()
        : Arrays.stream(asked.getExtensionOIDs()).map(ASN1ObjectIdentifier::getId).toList();
  }

  /** The challengePassword (RFC 2985 §5.4.1), which EST ties to the TLS session. A secret. */
  public Optional<String> challengePassword() {
    return reading(attributes::challengePassword);
  }

  /** Names the secret that a key made for the device is to be encrypted with. */
  public Optional<byte[]> decryptKeyIdentifier() {
    return reading(() -> attributes.octets(DECRYPT_KEY_IDENTIFIER));
  }

  /** Names the certificate or key that a key made for the device is to be encrypted to. */
  public Optional<byte[]> asymmetricDecryptKeyIdentifier() {
    return reading(() -> attributes.octets(ASYMMETRIC_DECRYPT_KEY_IDENTIFIER));
  }

  /** The DER of SMIMECapabilities (RFC 8551 §2.5.2): how the device can decrypt. */
  public Optional<byte[]> smimeCapabilities() {
    return reading(() -> attributes.encoded(PKCSObjectIdentifiers.pkcs_9_at_smimeCapabilities));
  }

  /**
   * Whether it asks to become an authority: CA:TRUE, or a key usage that signs certificates.
   *
   * @throws RefusedException {@link Reason#CSR_MALFORMED}
   */
  public boolean asksForAuthority() {
    return reading(
        () -> {
          BasicConstraints constraints = BasicConstraints.fromExtensions(attributes.extensions());
          KeyUsage usage = KeyUsage.fromExtensions(attributes.extensions());
          if (constraints != null && constraints.isCA()) {
            return true;
          }
          return usage != null // hasUsages asks for all of those given
              && (usage.hasUsages(KeyUsage.keyCertSign) || usage.hasUsages(KeyUsage.cRLSign));
        });
  }

  /** What is inside attributes and extensions is read when it is asked for, and may be anything. */
  private static <T> T reading(Supplier<T> part) {
    try {
      return part.get();
    } catch (RuntimeException e) {
      throw unreadable(e);
    }
  }
}
