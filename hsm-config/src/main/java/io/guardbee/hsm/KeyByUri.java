package io.guardbee.hsm;

import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.security.KeyPair;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;

/**
 * The key pair that a PKCS#11 URI names; made there when it is missing. For a program that keeps
 * PKCS#11 classes in a class loader of their own, knows this class by its name, and uses it as the
 * JDK's {@link Function}. (A key store would give it the private key without the public one as long
 * as no certificate lies beside it.) The tokens stay open until it is closed. Not thread-safe.
 */
public final class KeyByUri implements Function<String, KeyPair>, AutoCloseable {

  private final Deque<Token> open = new ArrayDeque<>();

  /**
   * @param uri RFC 7512; {@code object} is the key's label
   * @throws RefusedException what {@link Token#open} refuses, or {@link
   *     Reason#CONFIGURATION_INVALID} when no object is named
   */
  @Override
  public KeyPair apply(String uri) {
    Pkcs11Uri parsed = Pkcs11Uri.parse(uri);
    String label =
        parsed
            .object()
            .orElseThrow(
                () ->
                    new RefusedException(
                        Reason.CONFIGURATION_INVALID,
                        "PKCS#11 URI " + parsed + " names no key",
                        "add the label of the key: pkcs11:token=…;object=…"));
    Token token = Token.open(parsed);
    open.push(token);
    TokenKey key = token.find(label).orElseGet(() -> token.generate(label, KeyType.EC_P256));
    return new KeyPair(key.publicKey(), key.privateKey());
  }

  @Override
  public void close() {
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }
}
