package io.guardbee.broker.run.listener;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes at most one line for each reason in ten seconds, however many connections are closed.
 * Thread-safe.
 */
final class RefusalLog {

  private static final Logger LOG = LoggerFactory.getLogger(RefusalLog.class);
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final Map<LimitReason, Pending> pending = new EnumMap<>(LimitReason.class);

  private static final class Pending {
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong next;

    Pending(long now) {
      next = new AtomicLong(now);
    }
  }

  /** Writes the first line for each reason immediately. */
  RefusalLog(long now) {
    for (LimitReason reason : LimitReason.values()) {
      pending.put(reason, new Pending(now));
    }
  }

  void refused(LimitReason reason, Network network, long now) {
    Pending one = pending.get(reason);
    if (one == null) {
      throw new IllegalStateException("every reason has been put in");
    }
    one.count.incrementAndGet();
    long due = one.next.get();
    if (now - due >= 0 && one.next.compareAndSet(due, now + PAUSE.toNanos())) {
      LOG.warn(
          "closed connections before TLS: {} at the limit of {}, the last one from {}; {}",
          one.count.getAndSet(0),
          reason.limit(),
          network,
          reason.advice());
    }
  }
}
