package io.guardbee.agent.mqtt;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: full jitter, so that a fleet that lost its broker at
 * one moment does not come back at one moment. Not thread-safe.
 */
public final class Backoff {

  private static final int MOST_DOUBLINGS = 30;

  private final Duration first;
  private final Duration longest;
  private final RandomGenerator random;
  private int failures;

  /**
   * @param first the longest first wait
   * @param longest the longest wait at all
   */
  public Backoff(Duration first, Duration longest, RandomGenerator random) {
    this.first = first;
    this.longest = longest;
    this.random = random;
  }

  /** After a failure that may soon be over: up to twice as long as the last time. */
  public Duration afterFailure() {
    long ceiling = first.toMillis() << Math.min(failures++, MOST_DOUBLINGS);
    return within(1, Math.min(ceiling, longest.toMillis()));
  }

  /** After a refusal, which only a person can change: slow from the first time on. */
  public Duration afterRefusal() {
    return within(longest.toMillis() / 2, longest.toMillis());
  }

  public void succeeded() {
    failures = 0;
  }

  private Duration within(long least, long most) {
    return Duration.ofMillis(random.nextLong(least, most + 1));
  }
}
