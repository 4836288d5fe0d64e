package io.guardbee.broker.status;

import io.guardbee.broker.service.Backoff;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the service what this node has applied, once it is on disk: an event that was acknowledged
 * is in force after any restart. Runs on a thread of its own, in the order of the events.
 */
final class Acknowledger implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(Acknowledger.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Sends one acknowledgement. */
  @FunctionalInterface
  interface Sender {
    void send(long event, int sessionsEnded) throws IOException, InterruptedException;
  }

  /** How the status is made durable. */
  @FunctionalInterface
  interface Saver {
    void save() throws IOException;
  }

  /** An event to acknowledge; event 0: only save that the service was heard. */
  private record Due(long event, CompletableFuture<Integer> ended) {}

  private final BlockingQueue<Due> queue = new LinkedBlockingQueue<>();
  private final Saver saver;
  private final Sender sender;
  private final Backoff backoff;
  private final long saveEveryNanos;
  private volatile long savedAt;
  private volatile long acknowledged;

  Acknowledger(Saver saver, Sender sender, Backoff backoff, Duration saveEvery) {
    this.saver = saver;
    this.sender = sender;
    this.backoff = backoff;
    this.saveEveryNanos = saveEvery.toNanos();
    this.savedAt = System.nanoTime();
  }

  void after(long event, CompletableFuture<Integer> ended) {
    queue.add(new Due(event, ended));
  }

  void nothingEnded(long event) {
    after(event, CompletableFuture.completedFuture(0));
  }

  /**
   * The service was heard. Now and then that goes to disk, for the staleness after a restart, and
   * the last acknowledgement is repeated: its connection stays open, so that the next one, which an
   * operator waits for, needs no handshake.
   */
  void heard() {
    if (System.nanoTime() - savedAt > saveEveryNanos && queue.isEmpty()) {
      nothingEnded(acknowledged);
    }
  }

  @Override
  public void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        List<Due> batch = new ArrayList<>();
        batch.add(queue.take());
        queue.drainTo(batch); // a burst is saved once
        save();
        for (Due due : batch) {
          acknowledge(due);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the extension stops
    }
  }

  private void save() throws InterruptedException {
    for (int failures = 0; ; failures++) {
      try {
        saver.save();
        savedAt = System.nanoTime();
        return;
      } catch (IOException e) {
        LOG.error("status not written, nothing is acknowledged until it is: {}", e.toString());
        backoff.rest(failures);
      }
    }
  }

  private void acknowledge(Due due) throws InterruptedException {
    if (due.event() == 0) {
      return;
    }
    int ended = ended(due);
    if (ended < 0) {
      return;
    }
    for (int failures = 0; ; failures++) {
      try {
        sender.send(due.event(), ended);
        acknowledged = due.event();
        return;
      } catch (IOException e) {
        LOG.warn("event {} not acknowledged: {}; trying again", due.event(), e.getMessage());
        backoff.rest(failures);
      }
    }
  }

  /** The connections that were ended; negative when that failed, which is never acknowledged. */
  private static int ended(Due due) throws InterruptedException {
    try {
      return due.ended().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.error(
          "event {}: not everything was ended, it is not acknowledged: {}",
          due.event(),
          e.toString());
      return -1;
    }
  }
}
