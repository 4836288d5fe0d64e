package io.guardbee.bench.attack;

import io.guardbee.bench.measure.Timings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A legitimate client that repeats one request.
 *
 * @param name of the request, for people
 * @param interval from the start of one request to that of the next, at least
 */
record Client(String name, Duration interval, Request request) {

  /** The request, from its start to its answer. */
  interface Request {
    void send() throws Exception;
  }

  /**
   * What the client noticed.
   *
   * @param failed requests without an answer or with a refusal
   * @param lastFailure the reason of the last one, empty for none
   */
  record Noticed(List<Long> served, int failed, String lastFailure) {

    Noticed {
      served = List.copyOf(served);
    }

    /** Figures whose names begin with the prefix; times in milliseconds. */
    List<AttackFigure> figures(String prefix, String name) {
      List<AttackFigure> figures = new ArrayList<>();
      figures.add(AttackFigure.of(prefix + ".served", served.size(), "%s: served", name));
      if (!served.isEmpty()) {
        Timings timings = new Timings(served);
        for (int percent : new int[] {50, 99, 100}) {
          figures.add(
              AttackFigure.of(
                  prefix + ".p" + percent,
                  timings.percentile(percent),
                  "%s: ms, %s",
                  name,
                  percent == 100 ? "longest" : "p" + percent));
        }
      }
      String why = lastFailure.isEmpty() ? "" : ": " + lastFailure;
      figures.add(AttackFigure.of(prefix + ".failed", failed, "%s: failed%s", name, why));
      return figures;
    }
  }

  /** Repeats the request for that long, and until its last answer. */
  Noticed run(long seconds) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    List<Long> served = new ArrayList<>();
    int failed = 0;
    String lastFailure = "";
    while (System.nanoTime() < deadline) {
      long start = System.nanoTime();
      try {
        request.send();
        served.add(System.nanoTime() - start);
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) { // whatever it is, the client was not served
        failed++;
        lastFailure = String.valueOf(e.getMessage());
      }
      TimeUnit.NANOSECONDS.sleep(start + interval.toNanos() - System.nanoTime());
    }
    return new Noticed(served, failed, lastFailure);
  }
}
