package io.guardbee.service.up;

import io.guardbee.cli.Cli;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Keeps a broker running: one that has ended is started again, after a pause that grows. Its first
 * start is the caller's, and fails as the broker does. Thread-safe.
 */
final class BrokerSupervisor implements AutoCloseable {

  /** How a broker is started. */
  interface Start {
    BrokerProcess run() throws IOException;
  }

  private final Start start;
  private final PrintWriter narration;
  private final ScheduledExecutorService schedule =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "broker-supervisor");
            thread.setDaemon(true);
            return thread;
          });
  private BrokerProcess broker;
  private RestartPause pause = RestartPause.first();
  private long startedAt = System.nanoTime();
  private boolean closed;

  private BrokerSupervisor(Start start, BrokerProcess broker, PrintWriter narration) {
    this.start = start;
    this.broker = broker;
    this.narration = narration;
  }

  /**
   * Starts the broker; returns before it is ready.
   *
   * @param narration where its end and the next start are told
   */
  static BrokerSupervisor start(Start start, PrintWriter narration) throws IOException {
    return new BrokerSupervisor(start, start.run(), narration);
  }

  /**
   * Waits until the broker admits devices; from then on it is started again when it ends.
   *
   * @throws io.guardbee.pki.RefusedException when it ends instead, or takes longer than a minute
   */
  void awaitReady() throws InterruptedException {
    BrokerProcess first;
    synchronized (this) {
      first = broker;
    }
    first.awaitReady();
    first.onExit(() -> ended(first));
  }

  private synchronized void ended(BrokerProcess process) {
    if (!closed) {
      pause = pause.after(Duration.ofNanos(System.nanoTime() - startedAt));
      startLater("broker ended with " + process.exit());
    }
  }

  private void startLater(String why) {
    Duration wait = pause.next();
    pause = pause.then();
    narration.println(why + "; starting it again in " + wait.toSeconds() + " s");
    narration.flush();
    ScheduledFuture<?> unused =
        schedule.schedule(this::startAgain, wait.toMillis(), TimeUnit.MILLISECONDS);
  }

  private synchronized void startAgain() {
    if (closed) {
      return;
    }
    try {
      BrokerProcess next = start.run();
      broker = next;
      startedAt = System.nanoTime();
      next.onExit(() -> ended(next));
    } catch (IOException | RuntimeException e) {
      startLater("broker does not start: " + Cli.explain(e));
    }
  }

  @Override
  public void close() {
    BrokerProcess last;
    synchronized (this) {
      closed = true;
      last = broker;
    }
    schedule.shutdownNow();
    last.close();
  }
}
