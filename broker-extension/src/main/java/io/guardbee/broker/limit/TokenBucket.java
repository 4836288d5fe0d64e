package io.guardbee.broker.limit;

import io.guardbee.broker.policy.Limits.Rate;
import java.util.concurrent.atomic.AtomicLong;

/**
 * So much in a time, evenly refilled; a full bucket may be taken at once. Thread-safe without
 * locks: the one number is the moment at which the bucket will be full again (the "generic cell
 * rate algorithm").
 */
final class TokenBucket {

  private final Rate rate;
  private final AtomicLong fullAt;

  /**
   * @param now by {@link System#nanoTime}, as in all methods
   */
  TokenBucket(Rate rate, long now) {
    this.rate = rate;
    this.fullAt = new AtomicLong(now);
  }

  /** Takes that much, or nothing. More than a full bucket is never there. */
  boolean take(long amount, long now) {
    if (!rate.isLimited()) {
      return true;
    }
    long cost = (long) Math.ceil((double) amount * rate.nanos() / rate.amount());
    while (true) {
      long before = fullAt.get();
      long from = before - now > 0 ? before : now; // nanoTime may be negative: differences only
      long after = from + cost;
      if (after - now > rate.nanos()) {
        return false;
      }
      if (fullAt.compareAndSet(before, after)) {
        return true;
      }
    }
  }

  boolean isFull(long now) {
    return fullAt.get() - now <= 0;
  }
}
