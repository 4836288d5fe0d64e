package io.guardbee.service.crl;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** How often a role's list is made. Not thread-safe. */
final class ListPace {

  /** A list that takes no longer is made at each change. */
  private static final Duration SHORT = Duration.ofMillis(100);

  /** Up to this, receipts wait for the next list: it rests for as long as the last one took. */
  private static final Duration AWAITED = Duration.ofSeconds(2);

  /** A longer one takes the module's and the database's time: so many times as much is theirs. */
  private static final int REST = 9;

  private final Map<String, Long> rests = new HashMap<>();

  boolean isRested(String role) {
    Long until = rests.get(role);
    return until == null || System.nanoTime() - until >= 0;
  }

  /** Until every list may be made again. */
  Duration left() {
    long now = System.nanoTime();
    long longest = rests.values().stream().mapToLong(until -> until - now).max().orElse(0);
    return Duration.ofNanos(Math.max(0, longest));
  }

  /**
   * One was made.
   *
   * @param start by {@link System#nanoTime}
   * @param took in nanoseconds
   */
  void made(String role, long start, long took) {
    if (took <= SHORT.toNanos()) {
      rests.remove(role);
    } else {
      rests.put(role, start + took * (1 + (took <= AWAITED.toNanos() ? 1 : REST)));
    }
  }
}
