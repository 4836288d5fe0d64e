package io.guardbee.service.attempt;

import java.time.Duration;
import java.time.Instant;

/**
 * When the same was refused, and how often.
 *
 * @param times from 1
 */
public record Occurrences(Instant first, Instant last, int times) {

  private static final Duration LONGEST_AGO = Duration.ofDays(365);

  public Occurrences {
    last = last.isBefore(first) ? first : last;
    times = Math.max(1, times);
  }

  static Occurrences once(Instant when) {
    return new Occurrences(when, when, 1);
  }

  /** None of them later than that, nor so long ago that no row could be kept of it. */
  Occurrences until(Instant now) {
    return new Occurrences(within(first, now), within(last, now), times);
  }

  private static Instant within(Instant when, Instant now) {
    Instant oldest = now.minus(LONGEST_AGO);
    return when.isAfter(now) ? now : when.isBefore(oldest) ? oldest : when;
  }
}
