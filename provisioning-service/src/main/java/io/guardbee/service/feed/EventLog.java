package io.guardbee.service.feed;

import io.guardbee.service.feed.FeedMessage.CertificateStatus;
import io.guardbee.service.store.Database;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.function.LongFunction;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.json.JsonMapper;

/**
 * The durable, ordered log of status changes. The order of events is the order of commits: the
 * number is taken from one row that stays locked until the commit. Thread-safe.
 */
public final class EventLog {

  private static final int COUNTER = 1;

  private final Database database;
  private final JsonMapper json;
  private final Clock clock;
  private final String feed;

  public EventLog(Database database, JsonMapper json, Clock clock) {
    this.database = database;
    this.json = json;
    this.clock = clock;
    this.feed = database.transact(EventLog::openFeed);
  }

  private static String openFeed(Handle tx) {
    return tx.createQuery("select feed from feed_counter where id = :id")
        .bind("id", COUNTER)
        .map((row, context) -> row.getObject("feed", UUID.class))
        .findOne()
        .orElseGet(
            () -> {
              UUID fresh = UUID.randomUUID();
              tx.execute(
                  "insert into feed_counter (id, feed, last_event) values (?, ?, 0)",
                  COUNTER,
                  fresh);
              return fresh;
            })
        .toString();
  }

  /**
   * Makes it another log: after a backup was put back, the numbers of events since then will be
   * given anew.
   */
  public static void beginAnew(Database database) {
    database.transact(tx -> tx.execute("update feed_counter set feed = ?", UUID.randomUUID()));
  }

  /** The id of this log; another database has another. */
  String feed() {
    return feed;
  }

  /**
   * Appends a change as part of the caller's transaction; other replicas hear of it at its commit.
   *
   * @param change makes the message for the number that it gets
   * @return that number
   */
  public long append(Handle tx, LongFunction<FeedMessage.Status> change) {
    tx.execute("update feed_counter set last_event = last_event + 1 where id = ?", COUNTER);
    long event = lastEvent(tx);
    tx.execute(
        "insert into feed_event (event, body, created_at) values (?, ?, ?)",
        event,
        json.writeValueAsString(change.apply(event)),
        clock.instant().atOffset(ZoneOffset.UTC));
    database.tell(tx);
    return event;
  }

  /** The number of the newest event; 0 when there is none yet. */
  public long lastEvent() {
    return database.transact(EventLog::lastEvent);
  }

  private static long lastEvent(Handle tx) {
    return tx.createQuery("select last_event from feed_counter where id = :id")
        .bind("id", COUNTER)
        .mapTo(Long.class)
        .one();
  }

  /** An event as it goes over the wire. */
  record Entry(long event, String line) {}

  List<Entry> after(long event, int limit) {
    return database.transact(
        tx ->
            tx.createQuery(
                    "select event, body from feed_event where event > :event"
                        + " order by event limit :limit")
                .bind("event", event)
                .bind("limit", limit)
                .map((row, context) -> new Entry(row.getLong("event"), row.getString("body")))
                .list());
  }

  /** What is in force, and the event up to which it surely is: later events may be in it too. */
  record InForce(long event, List<CertificateStatus> certificates) {}

  InForce inForce() {
    return database.transact(
        tx -> {
          long event = lastEvent(tx); // first: an event seen twice is harmless, one missed is not
          List<CertificateStatus> revoked =
              tx.createQuery(
                      "select issuer, serial, device_id, not_after, revocation_reason as reason"
                          + " from certificate"
                          + " where state = 'revoked' and device_id is not null"
                          + " and not_after > :now union all"
                          + " select c.issuer, c.serial, c.device_id, c.not_after, :hold"
                          + " from device d join certificate c on c.device_id = d.id"
                          + " where d.suspended_at is not null and c.state = 'issued'"
                          + " and c.not_after > :now")
                  .bind("hold", FeedMessage.SUSPENDED)
                  .bind("now", clock.instant().atOffset(ZoneOffset.UTC))
                  .map(
                      (row, context) ->
                          new CertificateStatus(
                              row.getString("issuer"),
                              row.getString("serial"),
                              row.getString("device_id"),
                              status(row.getString("reason")),
                              row.getObject("not_after", OffsetDateTime.class).toInstant()))
                  .list();
          return new InForce(event, revoked);
        });
  }

  private static String status(String reason) {
    return switch (reason) {
      case FeedMessage.SUPERSEDED, FeedMessage.SUSPENDED -> reason;
      default -> FeedMessage.REVOKED;
    };
  }
}
