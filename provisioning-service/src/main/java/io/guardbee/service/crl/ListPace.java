package io.guardbee.service.crl;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** How often a role's list is made. Not thread-safe. */
final class ListPace {

  /** A long list takes the module's and the database's time: this many times as much is theirs. */
  private static final int REST = 9;

  /** One that takes no longer than this is not long, and may be made at each change. */
  private static final Duration SHORT = Duration.ofMillis(100);

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
    if (took > SHORT.toNanos()) {
      rests.put(role, start + took * (1 + REST));
    } else {
      rests.remove(role);
    }
  }
}
