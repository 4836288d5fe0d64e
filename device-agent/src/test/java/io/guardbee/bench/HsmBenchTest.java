package io.guardbee.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.bench.HsmFigures.Signing;
import io.guardbee.bench.measure.Workers.Rate;
import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.testing.TestToken;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class HsmBenchTest {

  @Test
  void measuresARealModuleAndLeavesNothingInIt() throws Exception {
    try (Token token = TestToken.open()) {
      HsmFigures figures =
          new HsmBench(token, KeyType.EC_P256, 1, new PrintWriter(new StringWriter()))
              .run(List.of(1, 2), "any");

      assertThat(figures.signing()).hasSize(2);
      for (Signing each : figures.signing()) {
        assertThat(each.bare().count()).isPositive();
        assertThat(each.verified().count()).isPositive();
        assertThat(each.provider().count()).isPositive();
      }
      assertThat(figures.tokenPairs().count()).isPositive();
      assertThat(figures.sessionPairs().orElseThrow().count()).isPositive();
      assertThat(token.list())
          .extracting(TokenKey::label)
          .noneMatch(label -> label.startsWith("guardbee-bench"));
      StringWriter page = new StringWriter();
      figures.table(new PrintWriter(page));
      assertThat(page.toString()).contains("÷ bare", "devices every 60 days", "ec-p256");
      assertThat(figures.json()).containsKeys("signing", "fleetAtHalfLoad", "environment");
    }
  }

  @Test
  void overheadIsOneThreadsTimeForOneSignature() {
    Signing two = new Signing(2, new Rate(40_000, 1), new Rate(20_000, 1), new Rate(16_000, 1));
    assertThat(two.overVerified()).isEqualTo(0.8);
    assertThat(two.overBare()).isEqualTo(0.4);
    assertThat(two.verificationMicros()).isEqualTo(50.0);
    assertThat(two.overheadMicros()).isEqualTo(25.0);
  }

  @Test
  void fleetIsWhatHalfTheRateRenews() {
    assertThat(HsmFigures.fleet(100, 1)).isEqualTo(4_320_000);
    assertThat(HsmFigures.fleet(1, 60)).isEqualTo(2_592_000);
  }
}
