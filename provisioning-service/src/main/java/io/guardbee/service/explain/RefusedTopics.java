package io.guardbee.service.explain;

import io.guardbee.pki.Reason;
import io.guardbee.service.attempt.Past;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which topics were refused to a device that was connected, each with how often and when. */
final class RefusedTopics {

  private static final String REASON = Reason.TOPIC_NOT_ALLOWED.toString();
  private static final Duration FRESH = Duration.ofDays(1);

  /** More of them make the answer no clearer. */
  private static final int MOST = 20;

  private RefusedTopics() {}

  /** The rows of one request. */
  private record Sum(Past newest, Instant first, long times) {

    static Sum of(Past past) {
      return new Sum(past, past.first(), past.times());
    }

    Sum and(Sum older) {
      return new Sum(
          newest, older.first.isBefore(first) ? older.first : first, times + older.times);
    }

    /** What was tried long ago is no trouble of today. */
    Finding finding(Instant now) {
      boolean fresh = newest.last().isAfter(now.minus(FRESH));
      return new Finding(
          "refused",
          fresh ? Finding.Verdict.BAD : Finding.Verdict.NOTE,
          newest.request()
              + ": "
              + newest.detail()
              + ": "
              + times
              + (times == 1 ? " time, at " : " times, from " + first + " to ")
              + newest.last(),
          fresh ? REASON : null,
          fresh ? newest.nextStep() : null);
    }
  }

  /**
   * Sums up the rows on record.
   *
   * @param refusals newest first
   */
  static List<Finding> of(List<Past> refusals, Instant now) {
    Map<List<String>, Sum> sums = new LinkedHashMap<>();
    refusals.stream()
        .filter(past -> past.reason().equals(REASON) && !past.request().startsWith("connect "))
        .forEach(
            past -> sums.merge(List.of(past.request(), past.detail()), Sum.of(past), Sum::and));
    return sums.values().stream().limit(MOST).map(sum -> sum.finding(now)).toList();
  }
}
