package io.guardbee.service.store;

import io.guardbee.pki.RefusedException;
import io.guardbee.service.schedule.PeriodicTask;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process among those at work on the database: its lease, renewed by the database's clock for
 * as long as the process lives. Thread-safe.
 */
public final class Replica implements AutoCloseable {

  /** Which replicas have a lease: for {@code … in (…)} in a statement. */
  public static final String ALIVE =
      "select id from replica where seen_at > current_timestamp - interval '10' second";

  private static final Logger LOG = LoggerFactory.getLogger(Replica.class);

  /** Several renewals may fail before the lease of 10 seconds ends. */
  private static final PeriodicTask.Settings SETTINGS =
      new PeriodicTask.Settings(
          "replica", Duration.ofSeconds(2), "the lease of this replica was not renewed");

  private final Database database;
  private final UUID id = UUID.randomUUID();
  private final List<Runnable> duties = new CopyOnWriteArrayList<>();
  private final WriteProbe probe = new WriteProbe(InstantSource.system());
  private @Nullable PeriodicTask task;

  private Replica(Database database) {
    this.database = database;
  }

  /** Takes a lease. Of a database in a file, every other process is gone. */
  public static Replica join(Database database) {
    Replica replica = new Replica(database);
    database.transact(
        tx -> {
          if (!database.isShared()) {
            tx.execute("delete from replica");
          }
          return replica.renew(tx);
        });
    replica.task = PeriodicTask.start(SETTINGS, replica::beat);
    return replica;
  }

  /** A name that no other process has or had. */
  public UUID id() {
    return id;
  }

  /** Does this too, now and then, as long as the process lives: after each renewal. */
  public void also(Runnable duty) {
    duties.add(duty);
  }

  /** One that was taken for dead comes back as it was: what it had pending is given up by then. */
  private int renew(Handle tx) {
    int renewed = tx.execute("update replica set seen_at = current_timestamp where id = ?", id);
    return renewed > 0
        ? renewed
        : tx.execute(
            "insert into replica (id, started_at, seen_at)"
                + " values (?, current_timestamp, current_timestamp)",
            id);
  }

  /** Whether the database takes changes, as the renewals of the lease find. */
  public StorageHealth health() {
    return probe.health();
  }

  private void beat() {
    try {
      database.transact(this::renew);
    } catch (RefusedException e) {
      probe.failed(e.detail());
      throw e;
    }
    lookForRoom();
    database.transact(
        tx ->
            tx.execute(
                "delete from replica"
                    + " where seen_at < current_timestamp - interval '60' second"));
    duties.forEach(Runnable::run);
  }

  private void lookForRoom() {
    try {
      database.lookForRoom();
      probe.succeeded();
    } catch (RefusedException e) {
      probe.failed(e.detail());
    }
  }

  /** Gives the lease back: nobody has to wait for its end. */
  @Override
  public void close() {
    if (task != null) {
      task.close();
    }
    try {
      database.transact(tx -> tx.execute("delete from replica where id = ?", id));
    } catch (RefusedException e) {
      LOG.warn("the lease of this replica was not given back: {}", e.line());
    }
  }
}
