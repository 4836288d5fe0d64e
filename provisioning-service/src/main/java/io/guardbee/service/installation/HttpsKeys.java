package io.guardbee.service.installation;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.hsm.uri.Pkcs11Uri;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Finds the key that {@code tls.key} names, and makes it where it is missing. A token stays open
 * once a key of it was in use: handshakes may be under way with it. Not thread-safe.
 */
final class HttpsKeys implements AutoCloseable {

  private static final String DEFAULT_LABEL = "https";

  private final Token caToken;
  private final Path directory;
  private final Map<String, Token> others = new HashMap<>();

  /**
   * @param directory what relative paths in a URI are relative to
   */
  HttpsKeys(Token caToken, Path directory) {
    this.caToken = caToken;
    this.directory = directory;
  }

  /**
   * @param tlsKey RFC 7512, {@code object} names the key; blank for the CA token
   * @throws io.guardbee.pki.RefusedException when there is no such module, token or PIN
   */
  TokenKey named(String tlsKey) {
    if (tlsKey.isBlank()) {
      return in(caToken, DEFAULT_LABEL);
    }
    Pkcs11Uri uri = Pkcs11Uri.parse(tlsKey).in(directory);
    Token token = others.computeIfAbsent(tlsKey, missing -> Token.open(uri));
    return in(token, uri.object().orElse(DEFAULT_LABEL));
  }

  private static TokenKey in(Token token, String label) {
    return token.find(label).orElseGet(() -> token.generate(label, KeyType.EC_P256));
  }

  @Override
  public void close() {
    others.values().forEach(Token::close);
    others.clear();
  }
}
