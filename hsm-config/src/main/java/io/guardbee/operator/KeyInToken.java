package io.guardbee.operator;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.security.KeyPair;
import java.util.function.Function;

/**
 * An operator's key in a PKCS#11 token. The classes for that are in the service's module, and known
 * here by one name: the broker's commands carry no native code.
 */
final class KeyInToken {

  private static final String KEY_BY_URI = "io.guardbee.hsm.KeyByUri";
  private static final String SCHEME = "pkcs11:";

  private KeyInToken() {}

  static boolean isUri(String key) {
    return key.startsWith(SCHEME);
  }

  /**
   * The key pair that the URI names, made there when it is missing; its token stays open.
   *
   * @throws RefusedException when there is no such module, token or PIN
   */
  static KeyPair pair(String uri) {
    try {
      if (Class.forName(KEY_BY_URI).getConstructor().newInstance()
          instanceof Function<?, ?> byUri) {
        @SuppressWarnings("unchecked") // as its class declares
        Function<String, KeyPair> typed = (Function<String, KeyPair>) byUri;
        return typed.apply(uri);
      }
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new RefusedException(
          Reason.MODULE_MISSING,
          "the operator's key is in a token, and this command has no PKCS#11 classes: " + e,
          "use REST, or an operator's certificate with its key in a file for this command");
    }
    throw new IllegalStateException(KEY_BY_URI + " is a function");
  }
}
