package io.guardbee.service.ceremony;

import io.guardbee.hsm.key.KeyType;
import java.security.PublicKey;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.util.Locale;

/** Names the type of a key that is there already: {@code ec-p256}, {@code rsa-4096}. */
final class KeyDescription {

  private KeyDescription() {}

  static String of(PublicKey key) {
    if (key instanceof ECKey ec) {
      return "ec-p" + ec.getParams().getOrder().bitLength();
    }
    if (key instanceof RSAKey rsa) {
      return "rsa-" + rsa.getModulus().bitLength();
    }
    return "ed25519";
  }

  static String of(KeyType type) {
    return type.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The type to make another key like this one. */
  static KeyType typeOf(PublicKey key) {
    return KeyType.valueOf(of(key).toUpperCase(Locale.ROOT).replace('-', '_'));
  }
}
