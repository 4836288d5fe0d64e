package io.guardbee.agent.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackoffTest {

  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(60);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void ceilingDoublesUpToTheLongest(long seed) {
    Backoff backoff = backoff(seed);
    for (int failure = 0; failure < 100; failure++) {
      long ceiling = Math.min(60_000, 1000L << Math.min(failure, 20));
      assertThat(backoff.afterFailure().toMillis()).isBetween(1L, ceiling);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void successBeginsAnew(long seed) {
    Backoff backoff = backoff(seed);
    for (int failure = 0; failure < 10; failure++) {
      backoff.afterFailure();
    }
    backoff.succeeded();
    assertThat(backoff.afterFailure()).isLessThanOrEqualTo(FIRST);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void refusalIsSlowFromTheFirstTimeOn(long seed) {
    assertThat(backoff(seed).afterRefusal()).isBetween(LONGEST.dividedBy(2), LONGEST);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void fleetThatFailsAtOnceDoesNotComeBackAtOnce(long seed) {
    Random seeds = new Random(seed);
    Set<Duration> waits =
        Stream.generate(() -> backoff(seeds.nextLong()).afterFailure())
            .limit(100)
            .collect(Collectors.toSet());
    assertThat(waits).hasSizeGreaterThan(50);
  }

  private static Backoff backoff(long seed) {
    return new Backoff(FIRST, LONGEST, new Random(seed));
  }
}
