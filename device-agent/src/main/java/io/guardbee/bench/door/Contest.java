package io.guardbee.bench.door;

import io.guardbee.bench.broker.Contender;
import io.guardbee.bench.measure.WarmUp;
import io.guardbee.bench.measure.Workers;
import io.guardbee.bench.measure.Workers.Rate;
import java.util.ArrayList;
import java.util.List;

/** Brokers under the same clients in turn, so that whatever else the machine does meets all. */
final class Contest {

  private static final int ROUNDS = 6;

  private final List<Entry> entries;

  private record Entry(Contender contender, List<Workers.Work> clients) {}

  /**
   * What one broker did.
   *
   * @param brokerNanos of processor time that it took for all of that
   * @param clientNanos of processor time that its clients took
   */
  record Result(Contender contender, Rate rate, long brokerNanos, long clientNanos) {

    double perSecond() {
      return rate.perSecond();
    }

    /** Microseconds of the broker's own processor time for one. */
    double brokerMicros() {
      return brokerNanos / 1e3 / rate.count();
    }

    /** Microseconds of the clients' processor time for one. */
    double clientMicros() {
      return clientNanos / 1e3 / rate.count();
    }

    Result plus(Result other) {
      return new Result(
          contender,
          rate.plus(other.rate),
          brokerNanos + other.brokerNanos,
          clientNanos + other.clientNanos);
    }
  }

  /** Clients of one broker, one a thread. */
  interface Clients {
    List<Workers.Work> of(Contender contender) throws Exception;
  }

  Contest(List<Contender> contenders, Clients clients) throws Exception {
    entries = new ArrayList<>();
    for (Contender contender : contenders) {
      entries.add(new Entry(contender, clients.of(contender)));
    }
  }

  /**
   * Lets all run, first without counting.
   *
   * @param seconds each is measured
   * @param warmUp seconds each runs before that, at least
   * @return in the order of the contenders
   */
  List<Result> run(long seconds, long warmUp) throws InterruptedException {
    if (warmUp > 0) {
      WarmUp.run(warmUp, this::warm);
    }
    long each = Math.max(1, seconds / ROUNDS);
    int rounds = (int) Math.max(1, Math.min(ROUNDS, seconds / each));
    List<Result> total = new ArrayList<>();
    entries.forEach(entry -> total.add(new Result(entry.contender(), new Rate(0, 0), 0, 0)));
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < entries.size(); i++) {
        // whoever comes second finds the clients a little warmer: take turns
        int which = round % 2 == 0 ? i : entries.size() - 1 - i;
        total.set(which, total.get(which).plus(measure(entries.get(which), each)));
      }
    }
    return total;
  }

  /** Lets one run alone, for whoever wants to watch it. */
  void runAlone(Contender contender, long seconds) throws InterruptedException {
    for (Entry entry : entries) {
      if (entry.contender().equals(contender)) {
        Rate unused = Workers.run(entry.clients(), seconds);
      }
    }
  }

  private Rate warm(long seconds) throws InterruptedException {
    Rate sum = new Rate(0, 0);
    for (Entry entry : entries) {
      sum = sum.plus(Workers.run(entry.clients(), seconds));
    }
    return sum;
  }

  private static Result measure(Entry entry, long seconds) throws InterruptedException {
    long brokerBefore = entry.contender().processorNanos();
    long clientsBefore = ownNanos();
    Rate rate = Workers.run(entry.clients(), seconds);
    return new Result(
        entry.contender(),
        rate,
        entry.contender().processorNanos() - brokerBefore,
        ownNanos() - clientsBefore);
  }

  private static long ownNanos() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
  }
}
