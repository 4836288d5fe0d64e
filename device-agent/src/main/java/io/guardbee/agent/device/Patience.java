package io.guardbee.agent.device;

import io.guardbee.pki.RefusedException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks again when the server says that it is worth it: while approval is pending (RFC 7030 §4.2.3),
 * or when it has too much to do.
 */
final class Patience {

  private static final Logger LOG = LoggerFactory.getLogger(Patience.class);
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  private final InstantSource clock;
  private final Duration length;

  Patience(InstantSource clock, Duration length) {
    this.clock = clock;
    this.length = length;
  }

  /**
   * The first answer that is no refusal.
   *
   * @throws RefusedException a refusal that waiting does not change, or the last one when the
   *     patience is at its end
   */
  <T> T until(Supplier<T> attempt) {
    Instant end = clock.instant().plus(length);
    while (true) {
      try {
        return attempt.get();
      } catch (RefusedException e) {
        Duration left = Duration.between(clock.instant(), end);
        if (e.retryAfter().isEmpty() || left.isNegative() || left.isZero()) {
          throw e;
        }
        Duration wait = wait(e.retryAfter().get(), left);
        LOG.info("{}: asking again in {} s", e.reason(), Math.max(1, wait.toSeconds()));
        sleep(wait, e);
      }
    }
  }

  /** What the server says, within reason; the last attempt comes when the patience ends. */
  private static Duration wait(Duration told, Duration left) {
    Duration wait = told.compareTo(SHORTEST) < 0 ? SHORTEST : told;
    return wait.compareTo(left) < 0 ? wait : left;
  }

  private static void sleep(Duration wait, RefusedException last) {
    try {
      TimeUnit.NANOSECONDS.sleep(wait.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw last;
    }
  }
}
