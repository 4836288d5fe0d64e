package io.guardbee.hsm.session;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that may be used at the same time, handed out in the order of asking, and those that
 * lie idle. Safe for many threads.
 */
final class SessionPool {

  private final String label;
  private final Semaphore free;
  private final AtomicInteger limit;
  private final ConcurrentLinkedDeque<Long> idle = new ConcurrentLinkedDeque<>();

  SessionPool(String label, int limit) {
    this.label = label;
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

  void giveBack() {
    free.release();
  }

  /**
   * The token gives no more sessions than are open: from now on there is one less to hand out. The
   * caller's own right is the one that ends.
   *
   * @throws RefusedException when there would be none left: other programs hold them all
   */
  void shrink() {
    if (limit.getAndUpdate(n -> Math.max(1, n - 1)) == 1) {
      giveBack();
      throw refused(
          "every session of the token is in use by other programs (CKR_SESSION_COUNT)",
          "end one of them, or raise the module's session limit");
    }
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
