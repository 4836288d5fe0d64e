package io.guardbee.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyClaimTest {

  @Test
  void readsWhatItWrites() {
    KeyClaim claim = new KeyClaim(true, false, true, "SoftHSM project SoftHSM v2");
    assertThat(KeyClaim.parse(claim.toString())).isEqualTo(claim);
    assertThat(claim)
        .hasToString(
            "always-sensitive=true; never-extractable=false; local=true;"
                + " module=\"SoftHSM project SoftHSM v2\"");
  }

  @Test
  void moduleNameIsMadeToFit() {
    KeyClaim claim = new KeyClaim(true, true, true, "a\"b\\c\u0000\u00e9" + "x".repeat(200));
    assertThat(claim.module()).startsWith("a?b?c??x").hasSize(80);
    assertThat(KeyClaim.parse(claim.toString())).isEqualTo(claim);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "yes",
        "always-sensitive=1; never-extractable=true; local=true; module=\"x\"",
        "always-sensitive=true; never-extractable=true; local=true; module=\"a\"b\"",
        "always-sensitive=true; never-extractable=true; local=true; module=\"x\"; more=true"
      })
  void anythingElseIsRefused(String text) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> KeyClaim.parse(text))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.REQUEST_MALFORMED));
  }
}
