package io.guardbee.bench.measure;

import io.guardbee.bench.measure.Workers.Rate;

/**
 * Runs work until Java's compilers are done with it: for as long as is asked, and on a busy machine
 * for as long as it still grows faster.
 */
public final class WarmUp {

  private static final int ROUNDS = 4;
  private static final int MOST_ROUNDS = 5 * ROUNDS;
  private static final double FASTER = 1.1;

  private WarmUp() {}

  /** The work, for so many seconds. */
  public interface Work {
    Rate run(long seconds) throws InterruptedException;
  }

  public static void run(long seconds, Work work) throws InterruptedException {
    long each = Math.max(1, seconds / ROUNDS);
    double best = 0;
    for (int round = 1; round <= MOST_ROUNDS; round++) {
      double now = work.run(each).perSecond();
      if (round >= ROUNDS && now < best * FASTER) {
        return;
      }
      best = Math.max(best, now);
    }
  }
}
