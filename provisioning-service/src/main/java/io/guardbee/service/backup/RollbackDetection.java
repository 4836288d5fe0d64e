package io.guardbee.service.backup;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.audit.SignedHead;
import io.guardbee.service.config.Home;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.feed.FeedMessage;
import io.guardbee.service.feed.RestoreWindows;
import io.guardbee.service.feed.Rollback;
import io.guardbee.service.store.Database;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out that an older copy of the database was put back, without {@code guardbee restore}, and
 * does what that does. Three things tell: the newest signed end of the audit log that the home has
 * seen, of which the database lacks the entry; an event that a broker has applied and the database
 * does not hold; and one that this process has read from it before. Thread-safe.
 */
public final class RollbackDetection implements Rollback {

  private static final Logger LOG = LoggerFactory.getLogger(RollbackDetection.class);

  /** A broker's word is believed once in so long: each time, all brokers ask for everything. */
  private static final Duration PAUSE = Duration.ofHours(1);

  private final Database database;
  private final Home home;
  private final Clock clock;
  private Instant believedAt = Instant.EPOCH;

  public RollbackDetection(Database database, Home home, Clock clock) {
    this.database = database;
    this.home = home;
    this.clock = clock;
  }

  /**
   * Compares the database with what the home has seen of it, before anything is read from it.
   *
   * @param seen the newest head, if there is one
   * @param root must have certified its signer: another installation's says nothing of this one
   */
  public void atStart(Optional<SignedHead> seen, X509Certificate root) {
    if (seen.isEmpty() || seen.get().fault(List.of(root)).isPresent()) {
      return;
    }
    SignedHead head = seen.get();
    Instant now = clock.instant();
    boolean begun =
        database.transact(
            tx -> {
              if (head.isIn(tx) || isKnown(tx, Instant.parse(head.time()))) {
                return false;
              }
              begin(tx, now, "audit entry " + head.number() + " is missing");
              return true;
            });
    if (begun) {
      LOG.error(
          "ALARM: the database lacks entry {} of the audit log, signed at {}: an older copy of it"
              + " was put back. Certificates that were issued since are refused until you decide:"
              + " guardbee restore reconcile",
          head.number(),
          head.time());
    }
  }

  /** Whether a window was opened after that moment: it holds all that was issued before. */
  private static boolean isKnown(Handle tx, Instant moment) {
    return RestoreWindows.lastOpened(tx).filter(opened -> !opened.isBefore(moment)).isPresent();
  }

  @Override
  public synchronized boolean told(String node, String feed, long event) {
    Instant now = clock.instant();
    boolean believed = !now.isBefore(believedAt.plus(PAUSE));
    return database.transact(
        tx -> {
          if (!EventLog.lock(tx).feed().equals(feed)) {
            return true; // another replica was first
          }
          if (believed) {
            begin(tx, now, "broker " + node + " has applied event " + event);
            believedAt = now;
          }
          return believed;
        });
  }

  @Override
  public void seen(EventLog.End end) {
    database.transact(
        tx -> {
          EventLog.End now = EventLog.lock(tx);
          boolean missing = now.feed().equals(end.feed()) && now.event() < end.event();
          if (missing) {
            LOG.error(
                "ALARM: the database ends with event {}, and had event {}: an older copy of it was"
                    + " put back while the service ran. Certificates that were issued since are"
                    + " refused until you decide: guardbee restore reconcile",
                now.event(),
                end.event());
            begin(tx, clock.instant(), "event " + end.event() + " is missing");
          }
          return missing;
        });
  }

  private void begin(Handle tx, Instant now, String found) {
    FeedMessage.Window unused = RestoredDatabase.begin(tx, now, ends(now), found);
  }

  private Instant ends(Instant now) {
    try {
      return RestoredDatabase.ends(home, now);
    } catch (IOException e) {
      throw new RefusedException(
          Reason.STORAGE_FAILED,
          home.ca() + " cannot be read: " + e.getMessage(),
          "see to the disk");
    }
  }
}
