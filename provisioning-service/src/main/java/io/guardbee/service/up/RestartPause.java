package io.guardbee.service.up;

import java.time.Duration;

/**
 * How long to wait before a process that has ended is started again: a second, then twice as long
 * each time, a minute at most. One that worked for a minute begins at a second again.
 *
 * @param next the pause before the next start
 */
record RestartPause(Duration next) {

  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(1);

  static RestartPause first() {
    return new RestartPause(SHORTEST);
  }

  /** The pause after this one. */
  RestartPause then() {
    Duration doubled = next.multipliedBy(2);
    return new RestartPause(doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled);
  }

  /**
   * This pause, or the first one.
   *
   * @param worked how long the process had worked
   */
  RestartPause after(Duration worked) {
    return worked.compareTo(LONGEST) >= 0 ? first() : this;
  }
}
