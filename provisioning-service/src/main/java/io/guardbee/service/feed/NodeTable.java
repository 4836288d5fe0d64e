package io.guardbee.service.feed;

import io.guardbee.service.store.Database;
import io.guardbee.service.store.Replica;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * What brokers have told the replicas, for all replicas to read. Each writes its own rows; those of
 * a replica without a lease do not count. Thread-safe.
 */
final class NodeTable {

  private final Database database;
  private final UUID replica;

  NodeTable(Database database, UUID replica) {
    this.database = database;
    this.replica = replica;
  }

  /** What one broker has said to other replicas. */
  record Elsewhere(boolean connected, long applied) {
    Elsewhere and(Elsewhere other) {
      return new Elsewhere(connected || other.connected, Math.max(applied, other.applied));
    }
  }

  /**
   * Writes this replica's row and tells the others.
   *
   * @param state asked for once it is this writer's turn: the last to write writes the newest
   */
  synchronized void write(String node, Supplier<Elsewhere> state) {
    Elsewhere now = state.get();
    database.transact(
        tx -> {
          int known =
              tx.execute(
                  "update broker_node set connected = ?, event = ? where node = ? and replica = ?",
                  now.connected(),
                  now.applied(),
                  node,
                  replica);
          if (known == 0) {
            tx.execute(
                "insert into broker_node (node, replica, connected, event) values (?, ?, ?, ?)",
                node,
                replica,
                now.connected(),
                now.applied());
          }
          database.tell(tx);
          return known;
        });
  }

  /** Notes what a broker has ended for an event, and what it is still deleting. */
  void add(String node, Ended ended) {
    if (ended.sessionsEnded() > 0 || ended.retainedCleared() > 0) {
      addEnded(node, ended);
    }
    if (!ended.isDone() || ended.sessionsEnded() == 0) {
      database.transact(tx -> setPending(tx, node, ended));
    }
  }

  private static int setPending(Handle tx, String node, Ended ended) {
    int before =
        tx.execute("delete from broker_deletion where event = ? and node = ?", ended.event(), node);
    return ended.isDone()
        ? before
        : tx.execute(
            "insert into broker_deletion (event, node, sessions, retained) values (?, ?, ?, ?)",
            ended.event(),
            node,
            ended.sessionsPending(),
            ended.retainedPending());
  }

  /** By node, what it is still deleting for that event, to whichever replica it said so. */
  Map<String, Totals> pending(long event) {
    return database.transact(
        tx ->
            tx.createQuery(
                    "select node, sessions, retained from broker_deletion where event = :event")
                .bind("event", event)
                .map((row, context) -> Map.entry(row.getString("node"), pending(row)))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
  }

  private static Totals pending(ResultSet row) throws SQLException {
    return new Totals(0, row.getInt("sessions"), 0, row.getBoolean("retained") ? 1 : 0);
  }

  /** The same of all events together. */
  Map<String, Totals> allPending() {
    return database.transact(
        tx ->
            tx.createQuery(
                    "select node, sum(sessions) as sessions,"
                        + " sum(case when retained then 1 else 0 end) as clearing"
                        + " from broker_deletion group by node")
                .map(
                    (row, context) ->
                        Map.entry(
                            row.getString("node"),
                            new Totals(0, row.getInt("sessions"), 0, row.getInt("clearing"))))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
  }

  private synchronized void addEnded(String node, Ended ended) {
    database.transact(
        tx -> {
          int known =
              tx.execute(
                  "update broker_sessions set ended = ended + ?, retained = retained + ?"
                      + " where event = ? and node = ? and replica = ?",
                  ended.sessionsEnded(),
                  ended.retainedCleared(),
                  ended.event(),
                  node,
                  replica);
          return known > 0
              ? known
              : tx.execute(
                  "insert into broker_sessions (event, node, replica, ended, retained)"
                      + " values (?, ?, ?, ?, ?)",
                  ended.event(),
                  node,
                  replica,
                  ended.sessionsEnded(),
                  ended.retainedCleared());
        });
  }

  /** By node, what it has said to the other replicas that live. */
  Map<String, Elsewhere> elsewhere() {
    return database.transact(
        tx -> {
          Map<String, Elsewhere> found = new HashMap<>();
          tx.createQuery(
                  "select node, connected, event from broker_node where replica <> :me"
                      + " and replica in ("
                      + Replica.ALIVE
                      + ")")
              .bind("me", replica)
              .map(
                  (row, context) ->
                      Map.entry(
                          row.getString("node"),
                          new Elsewhere(row.getBoolean("connected"), row.getLong("event"))))
              .forEach(entry -> found.merge(entry.getKey(), entry.getValue(), Elsewhere::and));
          return Map.copyOf(found);
        });
  }

  /** By node, what it told other replicas to have ended for that event. */
  Map<String, Totals> ended(long event) {
    return database.transact(
        tx -> {
          Map<String, Totals> found = new HashMap<>();
          tx.createQuery(
                  "select node, ended, retained from broker_sessions where event = :event"
                      + " and replica <> :me")
              .bind("event", event)
              .bind("me", replica)
              .map((row, context) -> Map.entry(row.getString("node"), ended(row)))
              .forEach(entry -> found.merge(entry.getKey(), entry.getValue(), Totals::and));
          return found;
        });
  }

  private static Totals ended(ResultSet row) throws SQLException {
    return new Totals(row.getInt("ended"), 0, row.getInt("retained"), 0);
  }

  /** Of replicas that are no more everything, of the others all but the latest events. */
  void forget(int events) {
    database.transact(
        tx -> {
          tx.execute("delete from broker_node where replica not in (select id from replica)");
          deleteBefore(tx, "broker_deletion", events);
          return deleteBefore(tx, "broker_sessions", events);
        });
  }

  private static int deleteBefore(Handle tx, String table, int events) {
    return tx.execute(
        "delete from " + table + " where event < (select max(last_event) from feed_counter) - ?",
        events);
  }
}
