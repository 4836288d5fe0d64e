package io.guardbee.agent.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.testing.TestCa;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;

class RenewalWindowTest {

  private static final Instant FROM = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration LIFE = Duration.ofDays(90);

  private final TestCa issuing = TestCa.root().authority("issuing");

  @Test
  void renewalBeginsAtTwoThirdsOfLifeAndWithinTheNextTenth() {
    RenewalWindow window = window();
    assertThat(window.from()).isEqualTo(FROM.plus(Duration.ofDays(60)));
    assertThat(window.at()).isBetween(window.from(), window.from().plus(Duration.ofDays(9)));
    assertThat(window.until()).isEqualTo(FROM.plus(LIFE));
  }

  @Test
  void dueFromItsMomentOn() {
    RenewalWindow window = window();
    assertThat(window.due(window.at().minusMillis(1))).isFalse();
    assertThat(window.due(window.at())).isTrue();
    assertThat(window.due(window.until().plusSeconds(1))).isTrue();
  }

  @Test
  void devicesEnrolledAtOnceRenewAtDifferentMoments() {
    Set<Instant> moments =
        Stream.generate(this::window).limit(20).map(RenewalWindow::at).collect(Collectors.toSet());
    assertThat(moments).hasSizeGreaterThan(10);
  }

  private RenewalWindow window() {
    return RenewalWindow.of(
        TestCa.draft("CN=d-1")
            .valid(FROM, FROM.plus(LIFE))
            .purpose(KeyPurposeId.id_kp_clientAuth)
            .signedBy(issuing)
            .certificate());
  }
}
