package io.guardbee.broker.report;

import io.guardbee.broker.status.CertificateKey;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Certificates that were accepted, each to be told once. Remembers the latest ones in two halves,
 * of which it forgets the older one: what is forgotten is told again, which changes nothing at the
 * service. Thread-safe, without locks.
 */
final class FirstUses {

  static final int MOST_WAITING = 20_000;
  static final int HALF = 50_000;

  private record Memory(Set<CertificateKey> newer, AtomicInteger size, Set<CertificateKey> older) {

    static Memory after(Set<CertificateKey> older) {
      return new Memory(ConcurrentHashMap.newKeySet(), new AtomicInteger(), older);
    }
  }

  private final Outbox<FirstUse> waiting;
  private volatile Memory memory = Memory.after(Set.of());

  FirstUses(LongAdder dropped) {
    this.waiting = new Outbox<>(MOST_WAITING, dropped);
  }

  void add(FirstUse use) {
    CertificateKey key = use.certificate();
    Memory now = memory;
    if (now.older().contains(key) || !now.newer().add(key)) {
      return;
    }
    if (!waiting.add(use)) {
      now.newer().remove(key); // there is a next CONNECT
    } else if (now.size().incrementAndGet() >= HALF) {
      memory = Memory.after(now.newer()); // by two threads at once: the same, but for a few
    }
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  List<FirstUse> take(int most) {
    return waiting.take(most);
  }
}
