package io.guardbee.service.limit;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A token bucket for each key: one minute's worth at once, refilled evenly. Memory is bounded
 * whatever keys come: when there is no room for another bucket, newcomers share a few, and those
 * known already keep theirs. Thread-safe, never waits.
 */
final class Rate {

  private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();
  private static final long SWEEP_NANOS = Duration.ofSeconds(1).toNanos();
  private static final int SHARED = 1024;

  private final long costNanos;
  private final int mostKeys;
  private final LongSupplier nanoTime;

  /** When each bucket will be full again: of one that is full by now nothing need be known. */
  private final Map<String, AtomicLong> fullAt = new ConcurrentHashMap<>();

  private final AtomicLongArray shared = new AtomicLongArray(SHARED);
  private final AtomicLong sweptAt;

  /**
   * @param perMinute 0 for no limit
   * @param nanoTime as {@link System#nanoTime}
   */
  Rate(int perMinute, int mostKeys, LongSupplier nanoTime) {
    this.costNanos = perMinute == 0 ? 0 : MINUTE_NANOS / perMinute;
    this.mostKeys = mostKeys;
    this.nanoTime = nanoTime;
    long now = nanoTime.getAsLong();
    this.sweptAt = new AtomicLong(now - SWEEP_NANOS);
    for (int i = 0; i < SHARED; i++) {
      shared.set(i, now);
    }
  }

  /** How long that key has to wait; zero when this request is within its rate. */
  Duration take(String key) {
    if (costNanos == 0) {
      return Duration.ZERO;
    }
    long now = nanoTime.getAsLong();
    AtomicLong bucket = bucket(key, now);
    if (bucket == null) {
      int slot = Math.floorMod(key.hashCode(), SHARED);
      return take(
          now, () -> shared.get(slot), (had, full) -> shared.compareAndSet(slot, had, full));
    }
    return take(now, bucket::get, bucket::compareAndSet);
  }

  private @Nullable AtomicLong bucket(String key, long now) {
    AtomicLong known = fullAt.get(key);
    if (known != null) {
      return known;
    }
    if (fullAt.size() >= mostKeys) {
      sweep(now);
      if (fullAt.size() >= mostKeys) {
        return null;
      }
    }
    return fullAt.computeIfAbsent(key, unused -> new AtomicLong(now));
  }

  private interface Swap {
    boolean from(long had, long full);
  }

  private Duration take(long now, LongSupplier bucket, Swap swap) {
    while (true) {
      long had = bucket.getAsLong();
      long full = (had - now > 0 ? had : now) + costNanos;
      long excess = full - now - MINUTE_NANOS;
      if (excess > 0) {
        return Duration.ofNanos(excess);
      }
      if (swap.from(had, full)) {
        return Duration.ZERO;
      }
    }
  }

  /** At most once a second: under attack this would cost more than the requests. */
  private void sweep(long now) {
    long last = sweptAt.get();
    if (now - last >= SWEEP_NANOS && sweptAt.compareAndSet(last, now)) {
      fullAt.values().removeIf(full -> full.get() - now <= 0);
    }
  }

  int keys() {
    return fullAt.size();
  }
}
