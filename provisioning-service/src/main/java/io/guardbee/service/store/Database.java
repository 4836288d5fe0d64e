package io.guardbee.service.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.config.Config;
import io.guardbee.service.config.Home;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * The one database, migrated to this version: H2 in the home, or a PostgreSQL server that several
 * replicas share. Thread-safe.
 */
public final class Database implements AutoCloseable {

  private static final int ATTEMPTS = 5;
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(20);
  private static final Duration COME_BACK = Duration.ofSeconds(2);
  private static final int EMBEDDED_CONNECTIONS = 16;

  private final Backend backend;
  private final HikariDataSource source;
  private final Jdbi jdbi;
  private volatile boolean lackedRoom;

  private Database(Backend backend, HikariDataSource source) {
    this.backend = backend;
    this.source = source;
    this.jdbi = Jdbi.create(source);
  }

  /**
   * Opens the database that the settings name: PostgreSQL by its URL, else H2 in the home.
   *
   * @throws RefusedException {@link Reason#STORAGE_FAILED} when it is not there, in use, or does
   *     not keep what it confirms; {@link Reason#CONFIGURATION_INVALID} for a password that others
   *     may read
   */
  public static Database open(Home home, Config.Db settings) throws IOException {
    return open(
        settings.url().isBlank()
            ? EmbeddedH2.in(home.database(), settings.connections())
            : PostgresServer.of(home, settings));
  }

  /**
   * Opens the embedded H2 database in that directory. Every commit is on disk before it returns.
   *
   * @throws RefusedException {@link Reason#STORAGE_FAILED} when it is in use or cannot be written
   */
  public static Database embedded(Path directory) throws IOException {
    return open(EmbeddedH2.in(directory, EMBEDDED_CONNECTIONS));
  }

  static Database open(Backend backend) throws IOException {
    HikariConfig config = backend.connections();
    config.setPoolName("guardbee");
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    HikariDataSource source = null;
    try {
      source = new HikariDataSource(config);
      try (Connection connection = source.getConnection()) {
        backend.check(connection);
      }
      Flyway.configure().dataSource(source).load().migrate(); // one at a time, by its own lock
      return new Database(backend, source);
    } catch (PoolInitializationException | FlywayException | SQLException e) {
      close(source);
      throw backend.doesNotOpen(SqlFailure.message(e), SqlFailure.state(e));
    } catch (RuntimeException e) {
      close(source);
      throw e;
    }
  }

  private static void close(@Nullable HikariDataSource source) {
    if (source != null) {
      source.close();
    }
  }

  /**
   * Runs the work in one transaction: all of it is on disk when this returns, or nothing of it. The
   * work may run several times when others are in its way; only the last one counts.
   *
   * @throws RefusedException from the work as it is; {@link Reason#STORAGE_FAILED} when the
   *     database cannot carry it out. When its server went away at the very commit, nobody knows
   *     whether it was carried out.
   */
  public <T> T transact(Function<Handle, T> work) {
    return transact(false, work);
  }

  /**
   * As {@link #transact}, for changes that keep somebody out: where the disk is nearly full, they
   * may use the room that is kept from all others.
   */
  public <T> T transactUrgently(Function<Handle, T> work) {
    return transact(true, work);
  }

  private <T> T transact(boolean urgent, Function<Handle, T> work) {
    for (int attempt = 1; ; attempt++) {
      AtomicBoolean worked = new AtomicBoolean();
      try {
        return jdbi.inTransaction(
            tx -> {
              T result = work.apply(tx);
              requireRoom(tx, urgent);
              worked.set(true);
              return result;
            });
      } catch (JdbiException e) {
        boolean lost = SqlFailure.isLostConnection(e);
        boolean again = SqlFailure.isContention(e) || (lost && !worked.get());
        boolean last = attempt == ATTEMPTS || !again;
        if (lost || (last && !isShared())) {
          // a lost connection's siblings are as dead as it is; H2 shuts itself after a failed write
          // (a full disk), and new connections open it again
          source.getHikariPoolMXBean().softEvictConnections();
        }
        if (last) {
          lackedRoom |= SqlFailure.isDiskFull(e);
          throw failed(e);
        }
        pause(attempt);
      }
    }
  }

  /**
   * Makes sure, where a change has failed for want of room, that there is some again.
   *
   * @throws RefusedException {@link Reason#STORAGE_FAILED} as long as there is none
   */
  void lookForRoom() {
    if (lackedRoom) {
      transact(
          tx -> {
            backend.claimRoom(tx);
            return true;
          });
      lackedRoom = false;
    }
  }

  /** Reads go on where there is no room for changes. */
  private void requireRoom(Handle tx, boolean urgent) {
    try {
      Optional<String> lack = backend.lacksRoom(tx.getConnection(), urgent);
      if (lack.isPresent()) {
        throw new RefusedException(
            Reason.STORAGE_FAILED, lack.get(), "make room on the disk of the home", COME_BACK);
      }
    } catch (SQLException e) {
      throw new ConnectionException(e);
    }
  }

  private RefusedException failed(JdbiException e) {
    return new RefusedException(
        Reason.STORAGE_FAILED,
        "the database did not carry out the change: " + SqlFailure.message(e),
        backend.remedy(),
        COME_BACK);
  }

  /** Those who were in each other's way must not meet again. */
  private static void pause(int attempt) {
    LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(LONGEST_PAUSE.toNanos()) * attempt);
  }

  /** Whether other processes may be at work on the same database. */
  public boolean isShared() {
    return backend.server().isPresent();
  }

  /** With the commit, the other processes on this database are told that there is news. */
  public void tell(Handle tx) {
    if (isShared()) {
      tx.execute("select pg_notify('" + News.CHANNEL + "', '')");
    }
  }

  /**
   * From now on looks for news: when another process has told of some, after a lost connection, and
   * once a second in any case. Nothing to look for where no other process can be.
   *
   * @param look does not fail; called by one thread at a time
   */
  public News news(Runnable look) {
    return new News(backend.server(), look);
  }

  /**
   * Writes a consistent copy of the embedded database, as a zip file, while it is in use.
   *
   * @throws RefusedException {@link Reason#STORAGE_FAILED}
   */
  public void backupTo(Path zip) {
    try (Handle handle = jdbi.open()) {
      handle.execute("backup to '" + zip.toString().replace("'", "''") + "'");
    } catch (JdbiException e) {
      throw failed(e);
    }
  }

  @Override
  public void close() {
    source.close(); // H2 closes the database with its last connection
  }
}
