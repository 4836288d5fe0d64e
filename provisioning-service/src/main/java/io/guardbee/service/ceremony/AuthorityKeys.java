package io.guardbee.service.ceremony;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Keys for authorities to be. What a ceremony that was cut off has made is used by the next: a key
 * without a certificate has signed nothing.
 */
final class AuthorityKeys {

  private AuthorityKeys() {}

  /** The first key of a role: {@code issuing-ca}. */
  static TokenKey first(Token token, String role, KeyType type) {
    return findOrMake(token, role + "-ca", type);
  }

  /**
   * The following key of a role: {@code issuing-ca-2}, or the first number after it that is free.
   *
   * @param certified authorities whose keys are taken
   */
  static TokenKey next(Token token, String role, List<X509Certificate> certified, KeyType type) {
    for (int number = 2; ; number++) {
      String label = role + "-ca-" + number;
      Optional<TokenKey> found = token.find(label);
      if (found.isEmpty()) {
        return token.generate(label, type);
      }
      TokenKey key = found.get();
      boolean taken = certified.stream().anyMatch(authority -> isOf(key, authority));
      if (!taken && isOfType(key, type)) {
        return key;
      }
    }
  }

  static TokenKey findOrMake(Token token, String label, KeyType type) {
    Optional<TokenKey> found = token.find(label);
    if (found.isEmpty()) {
      return token.generate(label, type);
    }
    if (!isOfType(found.get(), type)) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          Quoted.of(token.label())
              + " holds a key "
              + Quoted.of(label)
              + " of type "
              + KeyDescription.of(found.get().publicKey())
              + ", not "
              + KeyDescription.of(type),
          "ask for that type, or destroy the key if nothing needs it");
    }
    return found.get();
  }

  private static boolean isOfType(TokenKey key, KeyType type) {
    return KeyDescription.of(key.publicKey()).equals(KeyDescription.of(type));
  }

  private static boolean isOf(TokenKey key, X509Certificate certificate) {
    return Arrays.equals(key.publicKey().getEncoded(), certificate.getPublicKey().getEncoded());
  }
}
