package io.guardbee.service.feed;

import io.guardbee.service.store.Sql;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Times of which the records are lost since a backup was put back. Brokers refuse certificates that
 * begin in one and are not confirmed: on record, or adopted by an operator.
 */
public final class RestoreWindows {

  /** As certificates are: they are good from a little before their issue. */
  private static final Duration BACKDATED = Duration.ofMinutes(5);

  /** Clocks of replicas differ. */
  private static final Duration MARGIN = Duration.ofMinutes(1);

  /** Of one line of the feed. */
  private static final int CONFIRMED_AT_ONCE = 5_000;

  /** By the index of not_before alone: with the state in it, a database may read all of a state. */
  static final String BEGINNING =
      "select issuer, serial, state from certificate where not_before >= :from"
          + " and not_before < :until and not_after > :now";

  private RestoreWindows() {}

  /**
   * Opens one: from the latest issuance that the database knows of until now.
   *
   * @param ends when every certificate that may be missing has ended
   */
  public static FeedMessage.Window open(Handle tx, Instant now, Instant ends) {
    Instant known =
        tx.createQuery(
                "select max(reserved_at) as latest from certificate"
                    + " where way not in ('unrecorded', 'adopted')")
            .map((row, context) -> Sql.instantOrNull(row, "latest"))
            .findOne()
            .orElse(Instant.EPOCH);
    FeedMessage.Window window =
        new FeedMessage.Window(
            known.minus(MARGIN).minus(BACKDATED).truncatedTo(ChronoUnit.SECONDS),
            now.minus(BACKDATED).truncatedTo(ChronoUnit.SECONDS).plusSeconds(1));
    tx.execute(
        "delete from restore_window where from_at = ? and until_at = ?",
        Sql.utc(window.from()),
        Sql.utc(window.until()));
    tx.execute(
        "insert into restore_window (from_at, until_at, ends_at) values (?, ?, ?)",
        Sql.utc(window.from()),
        Sql.utc(window.until()),
        Sql.utc(ends));
    return window;
  }

  /** Until when the records are lost, by the latest that was ever opened. */
  public static Optional<Instant> lastOpened(Handle tx) {
    return tx.createQuery("select max(until_at) as latest from restore_window")
        .map((row, context) -> Optional.ofNullable(Sql.instantOrNull(row, "latest")))
        .one()
        .map(until -> until.plus(BACKDATED));
  }

  /** Those that are open, the earliest first. */
  public static List<FeedMessage.Window> all(Handle tx, Instant now) {
    return tx.createQuery(
            "select from_at, until_at from restore_window where ends_at > :now order by from_at")
        .bind("now", Sql.utc(now))
        .map(
            (row, context) ->
                new FeedMessage.Window(Sql.instant(row, "from_at"), Sql.instant(row, "until_at")))
        .list();
  }

  /** What a head tells of them; nothing while none is open. */
  static List<FeedMessage.Restored> head(Handle tx, Instant now) {
    List<FeedMessage.Window> windows = all(tx, now);
    if (windows.isEmpty()) {
      return List.of();
    }
    List<FeedMessage.Confirmed> confirmed = new ArrayList<>();
    windows.forEach(window -> confirmed.addAll(confirmed(tx, window, now)));
    List<FeedMessage.Restored> lines = new ArrayList<>();
    for (int from = 0; from == 0 || from < confirmed.size(); from += CONFIRMED_AT_ONCE) {
      int to = Math.min(confirmed.size(), from + CONFIRMED_AT_ONCE);
      lines.add(new FeedMessage.Restored(0, windows, confirmed.subList(from, to)));
    }
    return lines;
  }

  private static List<FeedMessage.Confirmed> confirmed(
      Handle tx, FeedMessage.Window window, Instant now) {
    return tx
        .createQuery(BEGINNING)
        .bind("from", Sql.utc(window.from()))
        .bind("until", Sql.utc(window.until()))
        .bind("now", Sql.utc(now))
        .map(
            (row, context) ->
                row.getString("state").equals("issued")
                    ? Optional.of(
                        new FeedMessage.Confirmed(row.getString("issuer"), row.getString("serial")))
                    : Optional.<FeedMessage.Confirmed>empty())
        .stream()
        .flatMap(Optional::stream)
        .toList();
  }
}
