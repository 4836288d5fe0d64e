package io.guardbee.service.store;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the small writes that this process makes every two seconds tell of the database. One that
 * fails, or none for as long as a lease lasts, makes it not ready; it takes several in a row to
 * make it ready again, so that a disk at its limit does not change the answer with each write.
 * Thread-safe.
 */
final class WriteProbe {

  private static final Logger LOG = LoggerFactory.getLogger(WriteProbe.class);
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(10);
  private static final int SUCCESSES = 3;

  private final InstantSource clock;
  private Instant last;
  private Instant since;
  private String detail = "";
  private int successes = SUCCESSES;

  /** Begins as ready: the caller has just written. */
  WriteProbe(InstantSource clock) {
    this.clock = clock;
    this.last = clock.instant();
    this.since = last;
  }

  synchronized void succeeded() {
    last = clock.instant();
    successes++;
    if (successes >= SUCCESSES && !detail.isEmpty()) {
      LOG.info("the database takes changes again");
      detail = "";
      since = last;
    }
  }

  /**
   * @param why without a full stop
   */
  synchronized void failed(String why) {
    last = clock.instant();
    successes = 0;
    if (detail.isEmpty()) {
      LOG.error("the database takes no changes: {}", why);
      since = last;
    }
    detail = why;
  }

  synchronized StorageHealth health() {
    if (detail.isEmpty() && clock.instant().isAfter(last.plus(LONGEST_SILENCE))) {
      return new StorageHealth(false, last, "a write has been hanging since " + last);
    }
    return new StorageHealth(detail.isEmpty(), since, detail);
  }
}
