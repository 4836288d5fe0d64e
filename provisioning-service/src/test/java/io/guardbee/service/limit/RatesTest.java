package io.guardbee.service.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RatesTest {

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // it wraps: nanoTime may
  private final Rates rates = new Rates(new Rates.PerMinute(60, 3, 2), now::get);

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private RefusedException refusalOf(Runnable request) {
    return catchThrowableOfType(RefusedException.class, request::run);
  }

  @Test
  void addressHasAMinutesWorthAtOnceAndThenAnEvenRate() {
    for (int i = 0; i < 60; i++) {
      rates.admit("192.0.2.1");
    }
    RefusedException refused = refusalOf(() -> rates.admit("192.0.2.1"));
    assertThat(refused.reason()).isEqualTo(Reason.RATE_LIMITED);
    assertThat(refused.retryAfter()).hasValue(Duration.ofSeconds(1));
    pass(Duration.ofSeconds(1));
    rates.admit("192.0.2.1");
    assertThat(refusalOf(() -> rates.admit("192.0.2.1"))).isNotNull();
    pass(Duration.ofMinutes(10));
    for (int i = 0; i < 60; i++) {
      rates.admit("192.0.2.1");
    }
    assertThat(refusalOf(() -> rates.admit("192.0.2.1"))).isNotNull();
  }

  @Test
  void addressesAreCountedApartAndAnIpv6SubscriberAsOne() {
    for (int i = 0; i < 60; i++) {
      rates.admit("2001:db8:1:2:" + i + "::1");
    }
    assertThat(refusalOf(() -> rates.admit("[2001:db8:1:2::77%eth0]"))).isNotNull();
    assertThatCode(() -> rates.admit("2001:db8:1:3::1")).doesNotThrowAnyException();
    assertThatCode(() -> rates.admit("192.0.2.2")).doesNotThrowAnyException();
  }

  @Test
  void whoClaimsAnothersNameFromElsewhereDoesNotUseUpItsRate() {
    for (int i = 0; i < 3; i++) {
      rates.admit("d-1", "192.0.2.66");
    }
    RefusedException refused = refusalOf(() -> rates.admit("d-1", "192.0.2.66"));
    assertThat(refused.retryAfter()).hasValue(Duration.ofSeconds(20));
    assertThatCode(() -> rates.admit("d-1", "192.0.2.1")).doesNotThrowAnyException();
  }

  @Test
  void zeroIsNoLimit() {
    Rates none = new Rates(new Rates.PerMinute(0, 0, 2), now::get);
    for (int i = 0; i < 100_000; i++) {
      none.admit("192.0.2.1");
      none.admit("d-1", "192.0.2.1");
    }
    assertThat(now.get()).isPositive();
  }

  @Test
  void manyAddressesCannotFillTheMemoryNorTakeFromThoseWhoAreKnown() {
    Rate rate = new Rate(2, 1_000, now::get);
    assertThat(rate.take("known")).isZero();
    for (int i = 0; i < 100_000; i++) {
      Duration unused = rate.take("attacker-" + i);
    }
    assertThat(rate.keys()).isEqualTo(1_000);
    assertThat(rate.take("another")).as("the rest share their rate").isPositive();
    assertThat(rate.take("known")).isZero();
    pass(Duration.ofMinutes(2));
    assertThat(rate.take("another")).isZero();
    assertThat(rate.keys()).as("who was quiet for long is forgotten").isEqualTo(1);
  }

  @Test
  void handshakesAreCountedByAddress() {
    rates.admitHandshake(Network.of("2001:db8::1"));
    rates.admitHandshake(Network.of("2001:db8::2"));
    assertThat(refusalOf(() -> rates.admitHandshake(Network.of("2001:db8::3"))).detail())
        .contains("2001:db8:0:0:0:0:0:0/64");
    rates.admitHandshake(Network.of("192.0.2.1"));
  }
}
