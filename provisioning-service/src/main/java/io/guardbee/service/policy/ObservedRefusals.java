package io.guardbee.service.policy;

import io.guardbee.pki.Quoted;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * What the observed version would have refused, summed over all brokers. Bounded: beyond so many
 * different ones only their number is kept. Thread-safe.
 */
public final class ObservedRefusals {

  private static final int MOST = 10_000;
  private static final int LISTED = 1000;
  private static final int LONGEST_NAME = 128;
  private static final int LONGEST_REQUEST = 256;

  private final Database database;
  private final Clock clock;

  public ObservedRefusals(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * What a broker has noted since its last report.
   *
   * @param rule that would have decided, or why none would
   * @param request such as {@code publish devices/d-1/x}
   */
  public record Refusal(String rule, String deviceId, String request, long count) {
    public Refusal {
      rule = cut(rule, LONGEST_NAME);
      deviceId = cut(deviceId, LONGEST_NAME);
      request = cut(request, LONGEST_REQUEST);
      count = Math.max(1, count);
    }

    private static String cut(String text, int longest) {
      String line = Quoted.line(text);
      return line.length() <= longest ? line : line.substring(0, longest - 1) + "…";
    }
  }

  /** Another version is observed from now on: of any other nothing is kept. */
  static void begin(Handle tx, long version) {
    tx.execute("delete from policy_observed where version <> ?", version);
  }

  /** Adds up; what is of another version than the observed one comes too late. */
  public void add(long version, List<Refusal> refusals) {
    if (refusals.isEmpty()) {
      return;
    }
    database.transact(
        tx -> {
          if (Head.lock(tx).observed() == version) { // one report at a time: the sum is exact
            refusals.forEach(refusal -> add(tx, version, refusal));
          }
          return true;
        });
  }

  private void add(Handle tx, long version, Refusal refusal) {
    if (count(tx, version, refusal)) {
      return;
    }
    Refusal kept =
        rows(tx) < MOST ? refusal : new Refusal("(any)", "(any)", "(others)", refusal.count());
    if (kept.equals(refusal) || !count(tx, version, kept)) {
      insert(tx, version, kept);
    }
  }

  private static long rows(Handle tx) {
    return tx.createQuery("select count(*) from policy_observed").mapTo(Long.class).one();
  }

  private boolean count(Handle tx, long version, Refusal refusal) {
    return tx.execute(
            "update policy_observed set times = times + ?, last_at = ? where version = ?"
                + " and rule = ? and device_id = ? and request = ?",
            refusal.count(),
            Sql.utc(clock.instant()),
            version,
            refusal.rule(),
            refusal.deviceId(),
            refusal.request())
        > 0;
  }

  private void insert(Handle tx, long version, Refusal refusal) {
    tx.execute(
        "insert into policy_observed (version, rule, device_id, request, times, first_at, last_at)"
            + " values (?, ?, ?, ?, ?, ?, ?)",
        version,
        refusal.rule(),
        refusal.deviceId(),
        refusal.request(),
        refusal.count(),
        Sql.utc(clock.instant()),
        Sql.utc(clock.instant()));
  }

  /** One row of {@link Seen}. */
  public record Sum(
      String rule, String deviceId, String request, long count, Instant first, Instant last) {}

  /**
   * What would have been refused.
   *
   * @param version 0 when none is observed
   * @param since null when none is observed
   * @param refusals the most frequent first, 1000 at most
   */
  public record Seen(long version, @Nullable Instant since, List<Sum> refusals) {
    public Seen {
      refusals = List.copyOf(refusals);
    }
  }

  public Seen seen() {
    return database.transact(
        tx -> {
          Head head = Head.read(tx);
          return new Seen(head.observed(), head.since(), sums(tx, head.observed()));
        });
  }

  private static List<Sum> sums(Handle tx, long version) {
    return tx.createQuery(
            "select * from policy_observed where version = :version"
                + " order by times desc, rule, device_id, request fetch next :most rows only")
        .bind("version", version)
        .bind("most", LISTED)
        .map(
            (row, context) ->
                new Sum(
                    row.getString("rule"),
                    row.getString("device_id"),
                    row.getString("request"),
                    row.getLong("times"),
                    Sql.instant(row, "first_at"),
                    Sql.instant(row, "last_at")))
        .list();
  }
}
