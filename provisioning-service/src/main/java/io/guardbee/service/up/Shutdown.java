package io.guardbee.service.up;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Lets the main thread close what it opened when the process is asked to end. Thread-safe. */
final class Shutdown implements AutoCloseable {

  private static final long CLOSING_SECONDS = 30;

  private final CountDownLatch requested = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean signalled;

  private Shutdown() {}

  /** From now on a signal to end the process waits until this is closed. */
  public static Shutdown onSignal() {
    Shutdown shutdown = new Shutdown();
    Runtime.getRuntime().addShutdownHook(new Thread(shutdown::signal, "shutdown"));
    return shutdown;
  }

  private void signal() {
    signalled = true;
    requested.countDown();
    try {
      closed.await(CLOSING_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Asks for the end from inside. */
  public void request() {
    requested.countDown();
  }

  /** Returns when the end is asked for. */
  public void await() throws InterruptedException {
    requested.await();
  }

  /** Whether a signal asked for it. */
  public boolean bySignal() {
    return signalled;
  }

  /** Everything is closed: the process may go. */
  @Override
  public void close() {
    closed.countDown();
  }
}
