package io.guardbee.hsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.hsm.key.TokenKey;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.testing.TestToken;
import java.security.KeyPair;
import org.junit.jupiter.api.Test;

/** Keys by the text of a URI. */
class KeyByUriTest {

  @Test
  void missingKeyIsMadeAndFoundAgain() {
    String label = TestToken.label("by-uri");
    String uri = TestToken.uri().withObject(label).toString();
    try (KeyByUri keys = new KeyByUri();
        Token token = TestToken.open()) {
      KeyPair made = keys.apply(uri);
      TokenKey there = token.find(label).orElseThrow();
      assertThat(made.getPublic()).isEqualTo(there.publicKey());
      assertThat(made.getPrivate().getEncoded()).isNull();
      assertThat(keys.apply(uri).getPublic()).isEqualTo(made.getPublic());
      token.destroy(there);
    }
  }

  @Test
  void uriThatNamesNoKeyIsRefused() {
    try (KeyByUri keys = new KeyByUri()) {
      assertThatThrownBy(() -> keys.apply(TestToken.uri().toString()))
          .isInstanceOfSatisfying(
              RefusedException.class,
              e -> {
                assertThat(e.reason()).isEqualTo(Reason.CONFIGURATION_INVALID);
                assertThat(e.nextStep()).contains("object=");
              });
    }
  }
}
