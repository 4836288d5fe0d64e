package io.guardbee.testing;

import io.guardbee.hsm.SoftHsm;
import io.guardbee.hsm.Token;
import io.guardbee.hsm.uri.Pkcs11Uri;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * The SoftHSM token that all tests of a JVM share: surefire sets SOFTHSM2_CONF to a file in {@code
 * target} for each, and a directory holds one token.
 */
public final class TestToken {

  private TestToken() {}

  /** The token's URI; makes the token on the first call. */
  public static Pkcs11Uri uri() {
    return SoftHsm.prepare(directory(), "guardbee-test");
  }

  public static Token open() {
    return Token.open(uri());
  }

  /** A key label that no other test uses: the token outlives the test run. */
  public static String label(String prefix) {
    return prefix + "-" + UUID.randomUUID();
  }

  public static Path directory() {
    String configuration =
        Optional.ofNullable(System.getenv("SOFTHSM2_CONF"))
            .orElseThrow(() -> new IllegalStateException("surefire sets SOFTHSM2_CONF"));
    return Optional.ofNullable(Path.of(configuration).getParent()).orElseThrow();
  }
}
