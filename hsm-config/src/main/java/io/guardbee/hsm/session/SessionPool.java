package io.guardbee.hsm.session;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that may be used at the same time, handed out in the order of asking, and those that
 * lie idle. Safe for many threads.
 */
final class SessionPool {

  private static final long REGAIN = TimeUnit.MINUTES.toNanos(1);

  private final String label;
  private final Semaphore free;
  private final int most;
  private final LongSupplier nanoTime;
  private final AtomicInteger limit;
  private final AtomicLong changed;
  private final ConcurrentLinkedDeque<Long> idle = new ConcurrentLinkedDeque<>();
  private volatile boolean retired;

  SessionPool(String label, int limit) {
    this(label, limit, System::nanoTime);
  }

  /**
   * @param nanoTime like {@link System#nanoTime}
   */
  SessionPool(String label, int limit, LongSupplier nanoTime) {
    this.label = label;
    this.most = limit;
    this.nanoTime = nanoTime;
    this.changed = new AtomicLong(nanoTime.getAsLong());
    this.limit = new AtomicInteger(limit);
    this.free = new Semaphore(limit, true);
  }

  int limit() {
    return limit.get();
  }

  /**
   * Takes the right to use one session; {@link #giveBack} returns it.
   *
   * @throws RefusedException {@link Reason#MODULE_FAILED} when none becomes free in time
   */
  void take(long deadline) {
    regain();
    try {
      if (free.tryAcquire()
          || free.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw refused("interrupted while waiting for a session", "try again");
    }
    throw refused(
        "time-out: all " + limit + " sessions stayed busy",
        "try again; if it lasts, the module hangs or is too slow for the load");
  }

  /** Other programs end: once a minute a pool that has shrunk asks for one session more. */
  private void regain() {
    long last = changed.get();
    long now = nanoTime.getAsLong();
    if (limit.get() < most && now - last >= REGAIN && changed.compareAndSet(last, now)) {
      limit.incrementAndGet();
      free.release();
    }
  }

  void giveBack() {
    free.release();
  }

  /**
   * The token gives no more sessions than are open: from now on there is one less to hand out. The
   * caller's own right is the one that ends. The last one stays: other programs, or a repair, hold
   * every session for the moment, so its holder tries again.
   *
   * @throws RefusedException when that lasts until the deadline
   */
  void shrink(long deadline) {
    changed.set(nanoTime.getAsLong());
    if (limit.getAndUpdate(n -> Math.max(1, n - 1)) > 1) {
      return;
    }
    giveBack();
    if (SessionWait.isOver(deadline)) {
      throw refused(
          "every session of the token is in use by other programs (CKR_SESSION_COUNT)",
          "end one of them, or raise the module's session limit");
    }
    SessionWait.pause();
  }

  /** From now on no session is kept: a pool of the repaired connection takes over. */
  void retire() {
    retired = true;
  }

  boolean isRetired() {
    return retired;
  }

  @Nullable Long idle() {
    return idle.pollFirst();
  }

  void keep(long session) {
    idle.addFirst(session);
  }

  private RefusedException refused(String what, String nextStep) {
    return new RefusedException(Reason.MODULE_FAILED, Quoted.of(label) + ": " + what, nextStep);
  }
}
