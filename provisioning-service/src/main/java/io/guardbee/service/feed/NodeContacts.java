package io.guardbee.service.feed;

import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code broker_contact}: when each node was last heard of, by whichever replica. One
 * process writes a node's row when its feed is opened or closed, and otherwise at most once in
 * {@link #INTERVAL}. Thread-safe.
 */
final class NodeContacts {

  /** A node that was not heard of for longer is not named in receipts. */
  static final Duration NAMED = Duration.ofDays(30);

  /** A node that was not heard of for longer is forgotten. */
  static final Duration KEPT = Duration.ofDays(365);

  private static final Duration INTERVAL = Duration.ofSeconds(30);

  private final Database database;
  private final Clock clock;
  private final Map<String, Contact> contacts = new HashMap<>();

  /** When this process has heard of a node, and which of these times it has written. */
  private record Contact(Instant heard, Instant written) {}

  NodeContacts(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /** The node has opened its feed. */
  void opened(String node) {
    Instant now = clock.instant();
    write(node, now);
    remember(node, new Contact(now, now));
  }

  /** The node has said something. */
  void heard(String node) {
    Instant now = clock.instant();
    if (isDue(node, now)) {
      write(node, now);
      remember(node, new Contact(now, now));
    }
  }

  private synchronized boolean isDue(String node, Instant now) {
    Contact known = contacts.get(node);
    if (known == null
        || now.isBefore(known.written())
        || !now.isBefore(known.written().plus(INTERVAL))) {
      return true;
    }
    contacts.put(node, new Contact(now, known.written()));
    return false;
  }

  /** The node has closed its feed: what it said last is written now. */
  void closed(String node) {
    Contact known = of(node);
    if (known != null && known.heard().isAfter(known.written())) {
      write(node, known.heard());
      remember(node, new Contact(known.heard(), known.heard()));
    }
  }

  private synchronized @Nullable Contact of(String node) {
    return contacts.get(node);
  }

  private synchronized void remember(String node, Contact contact) {
    contacts.put(node, contact);
  }

  private void write(String node, Instant heard) {
    database.transact(
        tx -> {
          if (update(tx, node, heard) > 0) {
            return true;
          }
          // the first time: whoever inserts takes turns at this row
          tx.createQuery("select last_event from feed_counter for update").mapTo(Long.class).list();
          return update(tx, node, heard) > 0
              || tx.execute(
                      "insert into broker_contact (node, heard_at) values (?, ?)",
                      node,
                      Sql.utc(heard))
                  > 0;
        });
  }

  /** Another replica may have heard it later: then its time stays. */
  private static int update(Handle tx, String node, Instant heard) {
    return tx.execute(
        "update broker_contact set heard_at = case when heard_at > ? then heard_at else ? end"
            + " where node = ?",
        Sql.utc(heard),
        Sql.utc(heard),
        node);
  }

  /** By node, when it was last heard of: those that receipts name. */
  Map<String, Instant> named() {
    return since(clock.instant().minus(NAMED));
  }

  /** By node, when it was last heard of: all. */
  Map<String, Instant> all() {
    return since(Instant.EPOCH);
  }

  private Map<String, Instant> since(Instant time) {
    Map<String, Instant> found = new TreeMap<>();
    database.transact(
        tx -> {
          found.clear();
          tx.createQuery("select node, heard_at from broker_contact where heard_at >= :time")
              .bind("time", Sql.utc(time))
              .map((row, context) -> Map.entry(row.getString("node"), Sql.instant(row, "heard_at")))
              .forEach(entry -> found.put(entry.getKey(), entry.getValue()));
          return true;
        });
    return found;
  }

  /** Removes the node as part of the caller's transaction; whether it was known. */
  boolean forget(Handle tx, String node) {
    synchronized (this) {
      contacts.remove(node);
    }
    return tx.execute("delete from broker_contact where node = ?", node) > 0;
  }

  /** Removes the nodes that have not been heard of for {@link #KEPT}. */
  void tidy() {
    database.transact(
        tx ->
            tx.execute(
                "delete from broker_contact where heard_at < ?",
                Sql.utc(clock.instant().minus(KEPT))));
  }
}
