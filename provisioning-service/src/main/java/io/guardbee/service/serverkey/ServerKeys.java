package io.guardbee.service.serverkey;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.DeliveredKey;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.pki.OneKey;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.request.CertificateRequest;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes key pairs in the module for devices that cannot, and packs them for their way: encrypted to
 * a key of the device, or bare where the profile allows. Nothing of them is kept. Thread-safe.
 */
public final class ServerKeys {

  private static final String BARE = "application/pkcs8";
  private static final String ENCRYPTED = "application/pkcs7-mime; smime-type=server-generated-key";

  private final Token token;
  private final KeyEnvelope envelope;
  private final Recipients recipients;

  /**
   * @param token makes the keys
   * @param signer signs what is encrypted (RFC 7030 §4.4.2)
   * @param sharedKeys directory of the keys shared with devices
   */
  public ServerKeys(Token token, OneKey signer, Path sharedKeys) {
    this.token = token;
    this.envelope = new KeyEnvelope(signer);
    this.recipients = new Recipients(new SharedKeys(sharedKeys));
  }

  /**
   * Makes one, of the kind of the request's own.
   *
   * @param shown the certificate that the caller has shown
   * @throws RefusedException {@link Reason#SERVER_KEYS_OFF}, {@link Reason#DECRYPT_KEY_UNUSABLE},
   *     {@link Reason#MECHANISM_MISSING}, {@link Reason#MODULE_FAILED}; before the first two
   *     nothing has been made
   */
  public PackedKey make(
      CertificateRequest request, Profile profile, @Nullable X509Certificate shown) {
    if (profile.serverKeys() == Profile.ServerKeys.OFF) {
      throw new RefusedException(
          Reason.SERVER_KEYS_OFF,
          "the service makes no keys for profile " + profile.name(),
          "make the key on the device and use simpleenroll, or ask for"
              + " profiles."
              + profile.name()
              + ".serverKeys in config.yaml");
    }
    Optional<Recipient> recipient = recipients.of(request, shown);
    if (recipient.isEmpty() && profile.serverKeys() != Profile.ServerKeys.PLAIN) {
      throw new RefusedException(
          Reason.DECRYPT_KEY_UNUSABLE,
          "profile " + profile.name() + " sends keys encrypted only, and the request names no key",
          "name one by AsymmetricDecryptKeyIdentifier or DecryptKeyIdentifier (RFC 7030 section"
              + " 4.4.1)");
    }
    try (DeliveredKey key = token.deliver(type(request))) {
      return recipient
          .map(to -> new PackedKey(key.publicKey(), ENCRYPTED, envelope.seal(key.pkcs8(), to)))
          .orElseGet(() -> new PackedKey(key.publicKey(), BARE, key.pkcs8().clone()));
    }
  }

  /** RFC 7030 §4.4.1: the key in the request tells which kind is wanted. */
  private static KeyType type(CertificateRequest request) {
    return switch (request.keyKind()) {
      case EC_P256 -> KeyType.EC_P256;
      case EC_P384 -> KeyType.EC_P384;
      case ED25519 -> KeyType.ED25519;
      case RSA -> rsa(((RSAKey) request.publicKey()).getModulus().bitLength());
    };
  }

  private static KeyType rsa(int bits) {
    if (bits <= KeyType.RSA_2048.bits()) {
      return KeyType.RSA_2048;
    }
    return bits <= KeyType.RSA_3072.bits() ? KeyType.RSA_3072 : KeyType.RSA_4096;
  }
}
