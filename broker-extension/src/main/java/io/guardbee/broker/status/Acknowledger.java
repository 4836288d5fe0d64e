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
 * Tells the service what this node has applied, once it is on disk and has ended what it was to
 * end: an event that was acknowledged is in force after any restart. An acknowledgement speaks for
 * all events before it, so one that is not done keeps later ones back. Runs on a thread of its own,
 * in the order of the events; what came meanwhile is saved by one write and told in one request.
 */
final class Acknowledger implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(Acknowledger.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int MOST_AT_ONCE = 1000;

  /** An event that is in force, and how many live connections it has ended. */
  record Done(long event, int sessionsEnded) {}

  /** Sends acknowledgements, at least one, in the order of the events. */
  @FunctionalInterface
  interface Sender {
    void send(List<Done> done) throws IOException, InterruptedException;
  }

  /** How the status is made durable. */
  @FunctionalInterface
  interface Saver {
    void save(StatusIndex.State state, List<Change> changes, long event) throws IOException;
  }

  /**
   * An event that the index knows.
   *
   * @param state the index's state with it
   * @param changes what it changed there; nothing when the state is new as a whole
   */
  record Applied(long event, StatusIndex.State state, List<Change> changes, Eviction eviction) {
    Applied {
      changes = List.copyOf(changes);
    }
  }

  private final BlockingQueue<Applied> queue = new LinkedBlockingQueue<>();
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

  void after(Applied applied) {
    queue.add(applied);
  }

  /**
   * The service was heard. Now and then that goes to disk, for the staleness after a restart, and
   * the last acknowledgement is repeated: its connection stays open, so that the next one, which an
   * operator waits for, needs no handshake.
   */
  void heard(StatusIndex index) {
    if (System.nanoTime() - savedAt > saveEveryNanos && queue.isEmpty() && index.isKnown()) {
      after(new Applied(index.event(), index.state(), List.of(), Eviction.nothing()));
    }
  }

  /** The last event that the service knows to be in force here. */
  long acknowledged() {
    return acknowledged;
  }

  @Override
  public void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        List<Applied> batch = new ArrayList<>();
        batch.add(queue.take());
        queue.drainTo(batch);
        save(batch);
        acknowledge(batch);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the extension stops
    }
  }

  private void save(List<Applied> batch) throws InterruptedException {
    Applied last = batch.get(batch.size() - 1);
    List<Change> changes = new ArrayList<>();
    for (Applied one : batch) {
      if (one.state().equals(last.state())) { // else a whole status has replaced what it changed
        changes.addAll(one.changes());
      }
    }
    for (int failures = 0; ; failures++) {
      try {
        saver.save(last.state(), changes, last.event());
        savedAt = System.nanoTime();
        return;
      } catch (IOException e) {
        LOG.error("status not written, nothing is acknowledged until it is: {}", e.toString());
        backoff.rest(failures);
      }
    }
  }

  private void acknowledge(List<Applied> batch) throws InterruptedException {
    List<Done> done = new ArrayList<>();
    for (Applied one : batch) {
      boolean waiting = !one.eviction().first().isDone();
      if (!done.isEmpty() && (waiting || done.size() == MOST_AT_ONCE)) {
        send(done);
        done.clear();
      }
      done.add(new Done(one.event(), ended(one)));
    }
    send(done);
  }

  private void send(List<Done> done) throws InterruptedException {
    long event = done.get(done.size() - 1).event();
    for (int failures = 0; ; failures++) {
      try {
        sender.send(List.copyOf(done));
        acknowledged = event;
        return;
      } catch (IOException e) {
        LOG.warn("event {} not acknowledged: {}; trying again", event, e.getMessage());
        backoff.rest(failures);
      }
    }
  }

  /** Waits until all is ended, for as long as that takes; how many connections it were. */
  private int ended(Applied one) throws InterruptedException {
    CompletableFuture<Integer> eviction = one.eviction().first();
    for (int failures = 0; ; ) {
      try {
        return eviction.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        LOG.error("event {}: not everything is ended yet, it is not acknowledged", one.event());
      } catch (ExecutionException e) {
        LOG.error(
            "event {}: not everything was ended, it is not acknowledged: {}; trying again",
            one.event(),
            String.valueOf(e.getCause()));
        backoff.rest(failures++);
        eviction = one.eviction().again().get();
      }
    }
  }
}
