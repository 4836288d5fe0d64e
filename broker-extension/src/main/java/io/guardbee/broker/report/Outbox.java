package io.guardbee.broker.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What waits to be told, as much as it may hold; more is dropped and counted. Takes no lock. */
final class Outbox<T> {

  private final Queue<T> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();
  private final int most;
  private final LongAdder dropped;

  Outbox(int most, LongAdder dropped) {
    this.most = most;
    this.dropped = dropped;
  }

  /** Whether there was room for it. */
  boolean add(T one) {
    if (size.incrementAndGet() > most) {
      size.decrementAndGet();
      dropped.increment();
      return false;
    }
    return queue.add(one);
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  List<T> take(int count) {
    List<T> taken = new ArrayList<>();
    while (taken.size() < count) {
      T one = queue.poll();
      if (one == null) {
        break;
      }
      size.decrementAndGet();
      taken.add(one);
    }
    return taken;
  }
}
