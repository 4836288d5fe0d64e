package io.guardbee.bench.measure;

import java.util.List;

/**
 * Durations in nanoseconds, in rising order.
 *
 * @param sorted at least one
 */
public record Timings(List<Long> sorted) {

  private static final double NANOS_PER_MILLI = 1e6;

  public Timings {
    sorted = sorted.stream().sorted().toList();
  }

  public int count() {
    return sorted.size();
  }

  /** The nearest-rank percentile in milliseconds. */
  public double percentile(int percent) {
    int rank = (int) Math.ceil(percent / 100.0 * sorted.size());
    return sorted.get(Math.max(rank, 1) - 1) / NANOS_PER_MILLI;
  }
}
