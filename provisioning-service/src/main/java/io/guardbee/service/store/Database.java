package io.guardbee.service.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import io.guardbee.files.SafeFiles;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Set;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/** The one database, migrated to this version. Thread-safe. */
public final class Database implements AutoCloseable {

  private static final int ATTEMPTS = 3;
  private static final Set<String> CONTENDED = Set.of("23505", "40001", "40P01", "HYT00");

  private final HikariDataSource source;
  private final Jdbi jdbi;

  private Database(HikariDataSource source) {
    this.source = source;
    this.jdbi = Jdbi.create(source);
  }

  /**
   * Opens the embedded H2 database in that directory. Every commit is on disk before it returns
   * (WRITE_DELAY=0): H2's default may lose the last half second at a power cut.
   *
   * @throws RefusedException {@link Reason#STORAGE_FAILED} when it is in use or cannot be written
   */
  public static Database embedded(Path directory) throws IOException {
    SafeFiles.directory(directory);
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(
        "jdbc:h2:file:" + directory.resolve("guardbee") + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE");
    config.setMaximumPoolSize(16);
    config.setPoolName("guardbee");
    try {
      HikariDataSource source = new HikariDataSource(config);
      Flyway.configure().dataSource(source).load().migrate();
      return new Database(source);
    } catch (PoolInitializationException | FlywayException e) {
      throw new RefusedException(
          Reason.STORAGE_FAILED,
          "database in " + directory + " does not open: " + rootMessage(e),
          "stop the other guardbee on this home, or see to the disk");
    }
  }

  /**
   * Runs the work in one transaction: all of it is on disk when this returns, or nothing of it.
   *
   * @throws RefusedException from the work as it is; {@link Reason#STORAGE_FAILED} when the
   *     database cannot carry it out
   */
  public <T> T transact(Function<Handle, T> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return jdbi.inTransaction(work::apply);
      } catch (JdbiException e) {
        if (attempt == ATTEMPTS || !someoneElseCameFirst(e)) {
          // H2 shuts itself after a failed write (a full disk); new connections open it again
          source.getHikariPoolMXBean().softEvictConnections();
          throw new RefusedException(
              Reason.STORAGE_FAILED,
              "the database did not carry out the change: " + rootMessage(e),
              "see to the disk and try again: nothing was changed");
        }
      }
    }
  }

  /** SQLSTATE of a unique violation, serialization failure, deadlock or lock time-out. */
  private static boolean someoneElseCameFirst(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql
          && CONTENDED.contains(String.valueOf(sql.getSQLState()))) {
        return true;
      }
    }
    return false;
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = root instanceof SQLException ? root.getMessage() : root.toString();
    return String.valueOf(message)
        .lines()
        .findFirst()
        .orElse("")
        .replaceAll("; SQL statement:.*", "");
  }

  @Override
  public void close() {
    source.close(); // H2 closes the database with its last connection
  }
}
