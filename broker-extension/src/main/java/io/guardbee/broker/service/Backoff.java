package io.guardbee.broker.service;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to rest before the next try: full jitter, so that a fleet of nodes does not come back at
 * once.
 *
 * @param first the longest rest after the first failure
 * @param longest the longest rest ever
 */
public record Backoff(Duration first, Duration longest, RandomGenerator random) {

  private static final int DOUBLINGS = 10;

  /** Rests after that many earlier failures. */
  public void rest(int failures) throws InterruptedException {
    long most = first.toMillis() << Math.min(failures, DOUBLINGS);
    Thread.sleep(1 + random.nextLong(Math.min(most, longest.toMillis())));
  }
}
