package io.guardbee.service.serverkey;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.service.request.CertificateRequest;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.smime.SMIMECapability;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.jspecify.annotations.Nullable;

/** Finds the key that a request names for the encryption of another (RFC 7030 §4.4.1). */
final class Recipients {

  private static final List<ASN1ObjectIdentifier> CIPHERS =
      List.of(NISTObjectIdentifiers.id_aes256_CBC, NISTObjectIdentifiers.id_aes128_CBC);

  private static final int KEY_ENCIPHERMENT = 2; // the bits of RFC 5280 §4.2.1.3
  private static final int KEY_AGREEMENT = 4;

  private final SharedKeys shared;

  Recipients(SharedKeys shared) {
    this.shared = shared;
  }

  /**
   * Of a key pair: that of the certificate shown, or the one that signed the request.
   *
   * @return empty when the request names none
   * @throws RefusedException {@link Reason#DECRYPT_KEY_UNUSABLE} when it names one that is not
   *     known here, or of no use
   */
  Optional<Recipient> of(CertificateRequest request, @Nullable X509Certificate shown) {
    Optional<byte[]> pair = request.asymmetricDecryptKeyIdentifier(); // RFC 7030 §4.4.1.2
    if (pair.isPresent()) {
      PublicKey key = pair(pair.get(), request, shown);
      return Optional.of(new Recipient.Pair(new DEROctetString(pair.get()), key, cipher(request)));
    }
    return request
        .decryptKeyIdentifier() // RFC 7030 §4.4.1.1
        .map(
            identifier ->
                new Recipient.Shared(
                    new DEROctetString(identifier), shared.named(identifier), cipher(request)));
  }

  private static PublicKey pair(
      byte[] identifier, CertificateRequest request, @Nullable X509Certificate shown) {
    PublicKey found;
    if (shown != null && isNamed(identifier, shown)) {
      requireEncryption(shown);
      found = shown.getPublicKey();
    } else if (isNamed(identifier, request.publicKey())) {
      found = request.publicKey();
    } else {
      throw unusable(
          "the request names key " + HexFormat.of().formatHex(identifier) + ", unknown here",
          "name the subject key identifier of the certificate shown, or that of the request's own"
              + " key");
    }
    if (!(found instanceof RSAPublicKey || found instanceof ECPublicKey)) {
      throw unusable(
          "nothing can be encrypted to a key of " + found.getAlgorithm(), "name an EC or RSA key");
    }
    return found;
  }

  /**
   * RFC 7030 §4.4.1.2: a key in a certificate has to be for key transport or agreement, or without
   * restriction.
   */
  private static void requireEncryption(X509Certificate certificate) {
    boolean[] usage = certificate.getKeyUsage();
    boolean rsa = certificate.getPublicKey() instanceof RSAPublicKey;
    if (usage != null && !usage[rsa ? KEY_ENCIPHERMENT : KEY_AGREEMENT]) {
      throw unusable(
          "the request names the key of certificate "
              + Serial.of(certificate)
              + ", whose keyUsage has no "
              + (rsa ? "keyEncipherment" : "keyAgreement"),
          "sign the request with another key, and name that key by its subject key identifier");
    }
  }

  private static boolean isNamed(byte[] identifier, X509Certificate certificate) {
    byte[] extension = certificate.getExtensionValue(Extension.subjectKeyIdentifier.getId());
    if (extension == null) {
      return isNamed(identifier, certificate.getPublicKey());
    }
    byte[] own =
        SubjectKeyIdentifier.getInstance(ASN1OctetString.getInstance(extension).getOctets())
            .getKeyIdentifier();
    return MessageDigest.isEqual(own, identifier)
        || isNamed(identifier, certificate.getPublicKey());
  }

  /** RFC 5280 §4.2.1.2 (1): SHA-1 of the bits of the key; here a name, not a protection. */
  private static boolean isNamed(byte[] identifier, PublicKey key) {
    try {
      byte[] bits =
          SubjectPublicKeyInfo.getInstance(key.getEncoded()).getPublicKeyData().getOctets();
      return MessageDigest.isEqual(MessageDigest.getInstance("SHA-1").digest(bits), identifier);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  /** The best cipher that the client knows; who tells nothing is taken to know the best. */
  private static ASN1ObjectIdentifier cipher(CertificateRequest request) {
    List<String> known = request.smimeCapabilities().map(Recipients::known).orElse(List.of());
    return CIPHERS.stream()
        .filter(cipher -> known.isEmpty() || known.contains(cipher.getId()))
        .findFirst()
        .orElseThrow(
            () ->
                unusable(
                    "SMIMECapabilities of the request name no cipher that is used here",
                    "add aes256-CBC (2.16.840.1.101.3.4.1.42) or aes128-CBC"));
  }

  /** RFC 8551 §2.5.2. */
  private static List<String> known(byte[] capabilities) {
    try {
      List<String> known = new ArrayList<>();
      ASN1Sequence.getInstance(capabilities)
          .forEach(one -> known.add(SMIMECapability.getInstance(one).getCapabilityID().getId()));
      return known;
    } catch (RuntimeException e) { // as the ASN.1 reader reports what it cannot take
      throw unusable("SMIMECapabilities of the request do not read", "leave them out");
    }
  }

  static RefusedException unusable(String what, String fix) {
    return new RefusedException(Reason.DECRYPT_KEY_UNUSABLE, what, fix);
  }
}
