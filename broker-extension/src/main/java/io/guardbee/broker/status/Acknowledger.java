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
 * Tells the service what this node has applied, once it is on disk and has closed the connections
 * that it was to close: an event that was acknowledged is in force after any restart. An
 * acknowledgement speaks for all events before it, so one that is not done keeps later ones back.
 * Sessions and retained messages that are still being deleted after {@link #GRACE} do not: that is
 * told with the acknowledgement, and again when they are gone. Runs on a thread of its own, in the
 * order of the events; what came meanwhile is saved by one write and told in one request.
 */
final class Acknowledger implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(Acknowledger.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Most sessions are gone by then, and their receipts have nothing open. */
  private static final Duration GRACE = Duration.ofMillis(200);

  private static final int MOST_AT_ONCE = 1000;

  /**
   * An event that is in force.
   *
   * @param sessionsEnded live connections that it has closed
   * @param sessionsPending sessions that are still being deleted
   * @param again whether it was acknowledged before, with something to delete that is gone now
   * @param cleared retained messages that are gone, and were not told before
   */
  record Done(
      long event, int sessionsEnded, int sessionsPending, boolean again, Deletion.Cleared cleared) {
    /** Whether it must be told even where a later event is. */
    boolean hasNews() {
      return sessionsEnded > 0
          || sessionsPending > 0
          || again
          || !cleared.equals(Deletion.Cleared.NONE);
    }
  }

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

  /** What the thread is told. */
  private sealed interface Item permits Applied, Deleted {}

  /**
   * An event that the index knows.
   *
   * @param state the index's state with it
   * @param changes what it changed there; nothing when the state is new as a whole
   */
  record Applied(long event, StatusIndex.State state, List<Change> changes, Eviction eviction)
      implements Item {
    Applied {
      changes = List.copyOf(changes);
    }
  }

  /**
   * What an event had deleted is gone.
   *
   * @param all whether that was all that a whole status blocks
   */
  private record Deleted(long event, boolean all) implements Item {}

  private final BlockingQueue<Item> queue = new LinkedBlockingQueue<>();
  private final Saver saver;
  private final Sender sender;
  private final PendingDeletions onDisk;
  private final OpenDeletions deletions;
  private final Backoff backoff;
  private final long saveEveryNanos;
  private volatile boolean allPending;
  private volatile long savedAt;
  private volatile long acknowledged;

  Acknowledger(
      Saver saver, Sender sender, PendingDeletions onDisk, Backoff backoff, Duration saveEvery) {
    this.saver = saver;
    this.sender = sender;
    this.onDisk = onDisk;
    this.deletions = new OpenDeletions(onDisk);
    this.allPending = onDisk.isAllPending();
    this.backoff = backoff;
    this.saveEveryNanos = saveEvery.toNanos();
    this.savedAt = System.nanoTime();
  }

  /** Goes on with what an earlier run left undone; to be called before this is run. */
  void resume(Evictor evictor) {
    onDisk
        .byEvent()
        .forEach(
            (event, remains) -> {
              if (!remains.isAll()) { // those come with the next whole status
                follow(event, evictor.delete(remains), false);
              }
            });
  }

  /** Whether the sessions have to be compared with a whole status once more. */
  boolean isAllPending() {
    return allPending;
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
        List<Item> items = new ArrayList<>();
        items.add(queue.take());
        queue.drainTo(items);
        List<Applied> batch = new ArrayList<>();
        for (Item item : items) {
          if (item instanceof Applied applied) {
            batch.add(applied);
          } else if (item instanceof Deleted deleted) {
            deletions.finish(deleted.event(), deleted.all());
          }
        }
        if (!batch.isEmpty()) {
          save(batch);
        }
        acknowledge(batch);
        allPending = onDisk.isAllPending();
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
        deletions.keep(batch); // first: what counts as applied is never told again
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
      boolean waiting = !one.eviction().first().closed().isDone();
      if (!done.isEmpty() && (waiting || done.size() >= MOST_AT_ONCE)) {
        send(done);
        done.clear();
      }
      done.add(done(one));
    }
    if (!done.isEmpty()) {
      send(done);
    }
    List<Done> finished = deletions.takeFinished(acknowledged);
    if (!finished.isEmpty()) {
      send(finished);
    }
  }

  private void send(List<Done> done) throws InterruptedException {
    Done last = done.get(done.size() - 1);
    for (int failures = 0; ; failures++) {
      try {
        sender.send(List.copyOf(done));
        acknowledged = last.again() ? acknowledged : last.event();
        return;
      } catch (IOException e) {
        LOG.warn("event {} not acknowledged: {}; trying again", last.event(), e.getMessage());
        backoff.rest(failures);
      }
    }
  }

  /** Waits until connections are closed, for as long as that takes, and a little for the rest. */
  private Done done(Applied one) throws InterruptedException {
    Eviction eviction = one.eviction();
    Evictor.Begun begun = eviction.first();
    for (int failures = 0; ; ) {
      try {
        int ended = begun.closed().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        Deletion deletion = begun.deletion();
        follow(one, deletion);
        return deletions.acknowledgement(one.event(), ended, deletion);
      } catch (TimeoutException e) {
        LOG.error("event {}: not everything is ended yet, it is not acknowledged", one.event());
      } catch (ExecutionException e) {
        LOG.error(
            "event {}: not everything was ended, it is not acknowledged: {}; trying again",
            one.event(),
            String.valueOf(e.getCause()));
        backoff.rest(failures++);
        begun = eviction.again().get();
      }
    }
  }

  private void follow(Applied one, Deletion deletion) throws InterruptedException {
    Eviction eviction = one.eviction();
    if (eviction.remains().devices().isEmpty()) {
      return;
    }
    boolean all = eviction.remains().isAll();
    try {
      long left = GRACE.toNanos() - (System.nanoTime() - eviction.since());
      deletion.done().get(Math.max(0, left), TimeUnit.NANOSECONDS);
      deletions.forget(one.event(), all);
    } catch (TimeoutException e) {
      LOG.info("event {}: still to be deleted: {}", one.event(), deletion.rest());
      follow(one.event(), deletion, all);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a deletion never fails", e);
    }
  }

  private void follow(long event, Deletion deletion, boolean all) {
    deletions.run(event, deletion);
    CompletableFuture<Void> unused =
        deletion.done().thenRun(() -> queue.add(new Deleted(event, all)));
  }
}
