package io.guardbee.service.feed;

import io.guardbee.pki.FeedStatement;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.json.JsonMapper;

/**
 * The durable, ordered log of changes that brokers have to know of. The order of events is the
 * order of commits: the number is taken from one row that stays locked until the commit. Only the
 * latest are kept. Thread-safe.
 */
public final class EventLog {

  private static final int COUNTER = 1;

  /** Some minutes of the busiest day, and years of a quiet one. */
  private static final int KEPT = 100_000;

  private static final int PRUNED_AT_ONCE = 10_000;

  /** Restored more often than that, only those of the last backups are known. */
  private static final int MOST_PREDECESSORS = 100;

  private final Database database;
  private final JsonMapper json;
  private final Clock clock;
  private final FeedSigner signer;
  private volatile Name name;

  /**
   * Opens the log.
   *
   * @param signer signs what brokers do not believe without a signature
   */
  public EventLog(Database database, JsonMapper json, Clock clock, FeedSigner signer) {
    this.database = database;
    this.json = json;
    this.clock = clock;
    this.signer = signer;
    this.name = database.transact(EventLog::openFeed);
  }

  /**
   * Which history of changes a database holds: another begins when an older copy is put back.
   *
   * @param feed its id
   * @param follows the ids of those that it goes on from, the latest first
   */
  record Name(String feed, List<String> follows) {}

  private static Name openFeed(Handle tx) {
    return name(tx)
        .orElseGet(
            () -> {
              UUID fresh = UUID.randomUUID();
              tx.execute(
                  "insert into feed_counter (id, feed, last_event) values (?, ?, 0)",
                  COUNTER,
                  fresh);
              return new Name(fresh.toString(), List.of());
            });
  }

  private static Optional<Name> name(Handle tx) {
    return tx.createQuery("select feed, follows from feed_counter where id = :id")
        .bind("id", COUNTER)
        .map(
            (row, context) ->
                new Name(
                    row.getObject("feed", UUID.class).toString(), ids(row.getString("follows"))))
        .findOne();
  }

  private static List<String> ids(String follows) {
    return follows.isEmpty() ? List.of() : List.of(follows.split(",", -1));
  }

  /**
   * Makes it another log: after a backup was put back, the numbers of events since then will be
   * given anew. The new log says which it goes on from, so that brokers follow it.
   */
  public static void beginAnew(Handle tx) {
    String follows =
        name(tx).stream()
            .flatMap(old -> Stream.concat(Stream.of(old.feed()), old.follows().stream()))
            .limit(MOST_PREDECESSORS)
            .collect(Collectors.joining(","));
    tx.execute("update feed_counter set feed = ?, follows = ?", UUID.randomUUID(), follows);
  }

  /**
   * Where a log ends.
   *
   * @param feed its id
   * @param event the number of its newest event; 0 when there is none yet
   */
  public record End(String feed, long event) {}

  /** Locks the log for the transaction: no event is numbered meanwhile. */
  public static End lock(Handle tx) {
    return tx.createQuery("select feed, last_event from feed_counter where id = :id for update")
        .bind("id", COUNTER)
        .map(
            (row, context) ->
                new End(row.getObject("feed", UUID.class).toString(), row.getLong("last_event")))
        .one();
  }

  /** Signs what is sent of this log. */
  FeedSigner signer() {
    return signer;
  }

  /** What it goes by, as {@link #end()} found it last. */
  Name name() {
    return name;
  }

  /** What is in force, beside the log of how it came about. */
  WholeStatus wholeStatus() {
    return new WholeStatus(database, json, clock);
  }

  /** The id of this log; another database has another. */
  String feed() {
    return name.feed();
  }

  /**
   * Appends a change as part of the caller's transaction; other replicas hear of it at its commit.
   *
   * @param change makes the message for the number that it gets
   * @return that number
   * @throws io.guardbee.pki.RefusedException {@code MODULE_FAILED} when brokers would not believe
   *     it for want of a signature; a block needs none
   */
  public long append(Handle tx, LongFunction<? extends FeedMessage> change) {
    tx.execute("update feed_counter set last_event = last_event + 1 where id = ?", COUNTER);
    long event = lastEvent(tx);
    FeedMessage message = change.apply(event);
    String body = json.writeValueAsString(stored(message));
    if (needsSignature(body)) {
      FeedStatement unused = signer.event(name.feed(), event, body); // now: it can be refused
    }
    tx.createUpdate(
            "insert into feed_event (event, body, created_at, policy_version)"
                + " values (:event, :body, :now, :policy)")
        .bind("event", event)
        .bind("body", body)
        .bind("now", Sql.utc(clock.instant()))
        .bind("policy", message instanceof FeedMessage.Policy policy ? policy.version() : null)
        .execute();
    database.tell(tx);
    return event;
  }

  /**
   * Whether brokers believe that line only with a signature. One that blocks needs none; to sign
   * one too many does no harm.
   */
  static boolean needsSignature(String line) {
    return !line.startsWith("{\"type\":\"status\"") || line.contains("\"status\":\"active\"");
  }

  private static FeedMessage stored(FeedMessage message) {
    return message instanceof FeedMessage.Policy policy ? policy.with("") : message;
  }

  /** Where it ends now. Finds out, too, whether another history has begun. */
  End end() {
    return database.transact(
        tx -> {
          name = openFeed(tx);
          return new End(name.feed(), lastEvent(tx));
        });
  }

  /** The number of the newest event, as {@link #end()} finds it. */
  public long lastEvent() {
    return end().event();
  }

  private static long lastEvent(Handle tx) {
    return tx.createQuery("select last_event from feed_counter where id = :id")
        .bind("id", COUNTER)
        .mapTo(Long.class)
        .one();
  }

  /**
   * An event as it goes over the wire.
   *
   * @param line empty where the event tells of a policy
   * @param policy what it then tells, but for the text
   */
  record Entry(long event, String line, Optional<FeedMessage.Policy> policy) {}

  /** The events after that one, as far as they are kept, in order. */
  List<Entry> after(long event, int limit) {
    return database.transact(
        tx ->
            tx.createQuery(
                    "select event, body, policy_version from feed_event where event > :event"
                        + " order by event limit :limit")
                .bind("event", event)
                .bind("limit", limit)
                .map((row, context) -> entry(row))
                .list());
  }

  private Entry entry(ResultSet row) throws SQLException {
    String body = row.getString("body");
    long event = row.getLong("event");
    return row.getObject("policy_version") == null
        ? new Entry(event, body, Optional.empty())
        : new Entry(event, "", Optional.of(json.readValue(body, FeedMessage.Policy.class)));
  }

  /** Whether every event after that one is there to be told. */
  boolean reaches(long event) {
    return database.transact(
        tx -> {
          long last = lastEvent(tx);
          long oldest =
              tx.createQuery("select min(event) from feed_event")
                  .mapTo(Long.class)
                  .findOne()
                  .orElse(last + 1);
          return event <= last && event >= oldest - 1;
        });
  }

  /** Removes old events: a broker that has not heard of them is told the whole status instead. */
  public void prune() {
    prune(KEPT);
  }

  /** The same, so many being kept; at most a bounded number goes at one time. */
  int prune(int kept) {
    return database.transact(
        tx ->
            tx.execute(
                "delete from feed_event where event <= (select last_event from feed_counter"
                    + " where id = ?) - ? and event < (select min(event) from feed_event) + ?",
                COUNTER,
                kept,
                PRUNED_AT_ONCE));
  }
}
