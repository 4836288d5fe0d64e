package io.guardbee.service.broker;

import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/** The table {@code broker_alarm}: of each node at most one row. Thread-safe. */
final class NodeAlarms {

  /** What was not repeated for so long is shown no more. */
  private static final Duration KEPT = Duration.ofDays(7);

  private static final int LONGEST = 600;

  private final Database database;

  NodeAlarms(Database database) {
    this.database = database;
  }

  /**
   * Counts what a node reported and the service does not act upon.
   *
   * @param detail of the latest, one line
   */
  void raise(String node, String detail, long times, Instant now) {
    String text = detail.length() <= LONGEST ? detail : detail.substring(0, LONGEST);
    database.transact(
        tx -> {
          tx.createQuery("select node from broker_contact where node = :node for update")
              .bind("node", node)
              .mapTo(String.class)
              .list(); // one at a time
          int known =
              tx.execute(
                  "update broker_alarm set detail = ?, times = times + ?, last_at = ?"
                      + " where node = ?",
                  text,
                  times,
                  Sql.utc(now),
                  node);
          return known > 0
              ? known
              : tx.execute(
                  "insert into broker_alarm (node, detail, times, first_at, last_at)"
                      + " values (?, ?, ?, ?, ?)",
                  node,
                  text,
                  times,
                  Sql.utc(now),
                  Sql.utc(now));
        });
  }

  /** By node. */
  Map<String, NodeAlarm> all() {
    Map<String, NodeAlarm> found = new TreeMap<>();
    database.transact(
        tx -> {
          found.clear();
          tx.createQuery("select * from broker_alarm")
              .map(
                  (row, context) ->
                      Map.entry(
                          row.getString("node"),
                          new NodeAlarm(
                              row.getString("detail"),
                              row.getLong("times"),
                              Sql.instant(row, "first_at"),
                              Sql.instant(row, "last_at"))))
              .forEach(entry -> found.put(entry.getKey(), entry.getValue()));
          return true;
        });
    return found;
  }

  /** Removes the node's as part of the caller's transaction. */
  static void forget(Handle tx, String node) {
    tx.execute("delete from broker_alarm where node = ?", node);
  }

  /** Forgets what was not repeated. */
  void tidy(Instant now) {
    database.transact(
        tx -> tx.execute("delete from broker_alarm where last_at < ?", Sql.utc(now.minus(KEPT))));
  }
}
