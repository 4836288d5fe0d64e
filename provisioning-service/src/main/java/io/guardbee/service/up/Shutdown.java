package io.guardbee.service.up;

import io.guardbee.cli.TerminationSignals;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets the main thread close what it opened, and end the process with its own exit code, when a
 * signal asks for the end. Thread-safe.
 */
final class Shutdown implements AutoCloseable {

  private static final long CLOSING_SECONDS = 30;
  private static final int FAILED = 1;

  private final CountDownLatch requested = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);

  private Shutdown() {}

  /** From now on a signal to end the process is a request; a second one ends it immediately. */
  static Shutdown onSignal() {
    Shutdown shutdown = new Shutdown();
    TerminationSignals.handle(shutdown::signal);
    return shutdown;
  }

  private void signal() {
    boolean isRepeated = isRequested();
    requested.countDown();
    try {
      if (isRepeated || !closed.await(CLOSING_SECONDS, TimeUnit.SECONDS)) {
        System.exit(FAILED); // what hangs must not keep the process
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns when the end is asked for. */
  void await() throws InterruptedException {
    requested.await();
  }

  boolean isRequested() {
    return requested.getCount() == 0;
  }

  /** Everything is closed: the main thread ends the process. */
  @Override
  public void close() {
    closed.countDown();
  }
}
