package io.guardbee.bench.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Client threads that all do one thing again and again until a moment. */
public final class Workers {

  /** One thread's work. */
  public interface Work {
    /**
     * Does it once.
     *
     * @return false when there is nothing left to do
     */
    boolean once() throws Exception;
  }

  /** How often something was done in how long. */
  public record Rate(long count, double seconds) {

    public double perSecond() {
      return count / seconds;
    }

    public Rate plus(Rate other) {
      return new Rate(count + other.count, seconds + other.seconds);
    }
  }

  private Workers() {}

  /** Runs each work on a thread of its own for that long. */
  public static Rate run(List<? extends Work> works, long seconds) throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(works.size());
    try {
      long start = System.nanoTime();
      long deadline = start + TimeUnit.SECONDS.toNanos(seconds);
      List<Future<Long>> counts = new ArrayList<>();
      for (Work work : works) {
        counts.add(threads.submit(() -> repeat(work, deadline)));
      }
      long total = 0;
      for (Future<Long> count : counts) {
        total += count.get();
      }
      return new Rate(total, (System.nanoTime() - start) / 1e9);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a benchmark's client failed", e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private static long repeat(Work work, long deadline) throws Exception {
    long count = 0;
    while (System.nanoTime() < deadline && work.once()) {
      count++;
    }
    return count;
  }
}
