package io.guardbee.agent.key;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.KeyClaim;
import java.security.KeyPair;
import java.util.Optional;

/** A key in a PKCS#11 token, which never leaves it. */
record TokenKeyPlace(Pkcs11Uri uri) implements KeyPlace {

  @Override
  public Optional<DeviceKey> find(DeviceId id) {
    Token token = Token.open(uri);
    try {
      Optional<TokenKey> found = token.find(label(id));
      if (found.isEmpty()) {
        token.close();
      }
      return found.map(key -> held(token, key));
    } catch (RuntimeException e) {
      token.close();
      throw e;
    }
  }

  @Override
  public DeviceKey findOrMake(DeviceId id) {
    Token token = Token.open(uri);
    try {
      String label = label(id);
      return held(token, token.find(label).orElseGet(() -> token.generate(label, KeyType.EC_P256)));
    } catch (RuntimeException e) {
      token.close();
      throw e;
    }
  }

  private String label(DeviceId id) {
    return uri.object().orElse(id.value());
  }

  private DeviceKey held(Token token, TokenKey key) {
    String place = uri.withObject(key.label()).toString();
    KeyClaim claim = token.evidence(key);
    return new DeviceKey(
        place, new KeyPair(key.publicKey(), key.privateKey()), claim, token::close);
  }

  @Override
  public String toString() {
    return uri.toString();
  }
}
