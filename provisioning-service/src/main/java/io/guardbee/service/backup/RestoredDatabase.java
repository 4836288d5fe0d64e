package io.guardbee.service.backup;

import io.guardbee.pki.Identity;
import io.guardbee.pki.Pem;
import io.guardbee.service.audit.Action;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.audit.Audit;
import io.guardbee.service.audit.Entry;
import io.guardbee.service.authority.AuthorityFiles;
import io.guardbee.service.config.Home;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.feed.FeedMessage;
import io.guardbee.service.feed.RestoreWindows;
import io.guardbee.service.store.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** What has to be done to a database that was put back, before a service works on it. */
public final class RestoredDatabase {

  /** Of an authority that is not at hand. */
  private static final Duration UNKNOWN_LIFE = Duration.ofDays(36_500);

  private RestoredDatabase() {}

  /**
   * Begins another feed, which brokers follow from the one before, and opens a restore window:
   * certificates that were issued after the backup are refused until an operator decides.
   *
   * @param home whose issuing authorities say how long such a certificate can live
   */
  public static void begin(Database database, Home home, Clock clock) throws IOException {
    Instant now = clock.instant();
    Instant ends = ends(home, now);
    database.transact(tx -> begin(tx, now, ends, "guardbee restore"));
  }

  /**
   * The same, in the caller's transaction.
   *
   * @param ends of the window
   * @param found how it was noticed, for the audit log
   * @return the window
   */
  static FeedMessage.Window begin(Handle tx, Instant now, Instant ends, String found) {
    EventLog.beginAnew(tx);
    FeedMessage.Window window = RestoreWindows.open(tx, now, ends);
    Audit.record(
        tx,
        Entry.of(
            now,
            Action.DATABASE_RESTORED,
            Actor.SERVICE,
            "database",
            Map.of(
                "found",
                found,
                "from",
                window.from().toString(),
                "until",
                window.until().toString())));
    return window;
  }

  /** No certificate outlives its authority. */
  static Instant ends(Home home, Instant now) throws IOException {
    Path issuing = AuthorityFiles.file(home.ca(), Identity.ISSUING);
    return Files.exists(issuing)
        ? Pem.readCertificates(issuing).stream()
            .map(authority -> authority.getNotAfter().toInstant())
            .max(Comparator.naturalOrder())
            .orElseThrow()
        : now.plus(UNKNOWN_LIFE);
  }
}
