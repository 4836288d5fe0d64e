package io.guardbee.hsm.session;

import io.guardbee.hsm.cryptoki.CryptokiException;
import io.guardbee.hsm.cryptoki.Remedy;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Repeats what opens a session while the token has none to spare. A repair works outside of the
 * pool, so the sessions that it lacks are in use by threads that are about to return them.
 */
final class SessionWait {

  /** What opens a session. */
  interface Opening<T> {
    T open() throws CryptokiException;
  }

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);
  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(10);

  private SessionWait() {}

  /**
   * Opens, waiting two seconds at most.
   *
   * @throws CryptokiException what the last try failed with
   */
  static <T> T open(Opening<T> opening) throws CryptokiException {
    long deadline = System.nanoTime() + PATIENCE;
    while (true) {
      try {
        return opening.open();
      } catch (CryptokiException e) {
        if (e.remedy() != Remedy.WAIT || isOver(deadline)) {
          throw e;
        }
      }
      pause();
    }
  }

  /** Whether the time is up, or the thread is to end. */
  static boolean isOver(long deadline) {
    return deadline - System.nanoTime() <= 0 || Thread.currentThread().isInterrupted();
  }

  static void pause() {
    LockSupport.parkNanos(PAUSE);
  }
}
