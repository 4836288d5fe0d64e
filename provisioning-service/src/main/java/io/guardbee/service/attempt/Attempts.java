package io.guardbee.service.attempt;

import io.guardbee.pki.RefusedException;
import io.guardbee.service.store.Database;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what was refused, so that it can be explained. Nobody who is refused waits for the disk,
 * and nobody can fill it: rows are written in batches behind the requests, the same refusal again
 * within a minute only counts, an address has 30 rows a minute, and the oldest rows make room.
 * Thread-safe.
 */
public final class Attempts implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Attempts.class);

  private static final Window.Bounds BOUNDS = new Window.Bounds(30, 5_000, 10_000);
  private static final int BATCH = 500;
  private static final long EVERY_MILLIS = 250;
  private static final int MOST_BEYOND = 1_000;

  private final Window window = new Window(BOUNDS);
  private final RefusalTable table;
  private final int most;
  private final Clock clock;
  private final ScheduledExecutorService writer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "refusals");
            thread.setDaemon(true);
            return thread;
          });
  private final Object writing = new Object();
  private int unpruned;

  /**
   * @param most rows that are kept; 0 for none
   */
  public Attempts(Database database, int most, Clock clock) {
    this.table = new RefusalTable(database);
    this.most = most;
    this.clock = clock;
    this.unpruned = MOST_BEYOND; // the limit may have been lowered since the last start
    ScheduledFuture<?> unused =
        writer.scheduleWithFixedDelay(
            this::writeQuietly, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * Notes a refusal; does not wait.
   *
   * @return whether it is news: the first of its kind within a minute, and not too many others from
   *     its address. A log should tell of no more than these
   */
  public boolean record(Attempt attempt) {
    return record(attempt, clock.instant());
  }

  /**
   * The same of one that was told later than it happened.
   *
   * @param when as the one who tells it has it; never taken for later than now
   */
  public boolean record(Attempt attempt, Instant when) {
    return record(attempt, Occurrences.once(when));
  }

  /** The same of several that were counted before they are told. */
  public boolean record(Attempt attempt, Occurrences told) {
    Instant now = clock.instant();
    return most > 0 && window.add(attempt, now, told.until(now));
  }

  /** The newest refusals of that device, as claimed; what was recorded before is among them. */
  public List<Past> newest(String claimed, int count) {
    write();
    return table.newest(claimed, count);
  }

  private void writeQuietly() {
    try {
      write();
    } catch (RuntimeException e) {
      String why = e instanceof RefusedException refused ? refused.line() : e.toString();
      LOG.warn("refusals were not recorded: {}", why);
    }
  }

  private void write() {
    synchronized (writing) {
      for (List<Window.Entry> entries = window.take(BATCH);
          !entries.isEmpty();
          entries = window.take(BATCH)) {
        table.write(entries);
        unpruned += entries.size();
      }
      if (unpruned >= Math.min(MOST_BEYOND, Math.max(1, most / 10))) {
        table.keep(most);
        unpruned = 0;
      }
      long dropped = window.takeDropped();
      if (dropped > 0) {
        LOG.warn("{} more refusals than are recorded a minute were dropped", dropped);
      }
    }
  }

  /** Writes what is left. */
  @Override
  public void close() {
    writer.shutdown();
    writeQuietly();
  }
}
