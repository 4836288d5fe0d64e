package io.guardbee.service.store;

import com.zaxxer.hikari.HikariConfig;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.config.Config;
import io.guardbee.service.config.Home;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;

/**
 * A PostgreSQL server, shared by the replicas. Options in the URL, TLS included, are the user's.
 */
record PostgresServer(Config.Db settings, String password) implements Backend {

  private static final int OLDEST = 14;
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Pattern SECRET_IN_URL = Pattern.compile("(?i)[?&](ssl)?password=");

  /**
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when the password is in the wrong
   *     place or for others to read
   */
  static PostgresServer of(Home home, Config.Db settings) throws IOException {
    if (SECRET_IN_URL.matcher(settings.url()).find()) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "db.url holds a password",
          "write it into a file of mode 0600 and name that in db.passwordFile");
    }
    return new PostgresServer(
        settings, PasswordFile.read(home.directory(), settings.passwordFile()));
  }

  @Override
  public HikariConfig connections() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(settings.url());
    config.setMaximumPoolSize(settings.connections());
    config.setConnectionTimeout(CONNECT.toMillis());
    config.setDataSourceProperties(properties());
    // what a replica holds that was stopped in the middle is free again by the end of its lease
    config.setConnectionInitSql("set idle_in_transaction_session_timeout = '10s'");
    return config;
  }

  /** What the URL says goes before these. */
  private Properties properties() {
    Properties properties = new Properties();
    if (!settings.user().isBlank()) {
      properties.setProperty("user", settings.user());
    }
    if (!password.isEmpty()) {
      properties.setProperty("password", password);
    }
    properties.setProperty("ApplicationName", "guardbee");
    properties.setProperty("connectTimeout", String.valueOf(CONNECT.toSeconds()));
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("reWriteBatchedInserts", "true");
    return properties;
  }

  /** One that is not of the pool. */
  Connection connect() throws SQLException {
    return DriverManager.getConnection(settings.url(), properties());
  }

  @Override
  public void check(Connection connection) throws SQLException {
    int version = connection.getMetaData().getDatabaseMajorVersion();
    if (version < OLDEST) {
      throw unfit("is version " + version, "upgrade it to " + OLDEST + " or later; 15 is tried");
    }
    require(connection, "server_encoding", "UTF8", "create the database with encoding UTF8");
    String fix =
        "a confirmed commit must be on the disk: set synchronous_commit and fsync to on in"
            + " postgresql.conf";
    if (show(connection, "synchronous_commit").equals("off")) {
      throw unfit("has synchronous_commit off", fix);
    }
    require(connection, "fsync", "on", fix);
  }

  private void require(Connection connection, String setting, String value, String fix)
      throws SQLException {
    String there = show(connection, setting);
    if (!there.equals(value)) {
      throw unfit("has " + setting + " " + there, fix);
    }
  }

  private static String show(Connection connection, String setting) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("show " + setting)) {
      row.next();
      return row.getString(1);
    }
  }

  private RefusedException unfit(String what, String fix) {
    return new RefusedException(Reason.STORAGE_FAILED, "database " + address() + " " + what, fix);
  }

  /** The URL without its options: some of them are secret. */
  private String address() {
    return settings.url().replaceAll("\\?.*", "");
  }

  @Override
  public RefusedException doesNotOpen(String message, String sqlState) {
    return new RefusedException(
        Reason.STORAGE_FAILED,
        "database " + address() + " does not open: " + message,
        switch (sqlState) {
          case "28P01", "28000" -> "see to db.user and db.passwordFile, and to pg_hba.conf";
          case "3D000" -> "create it: createdb --encoding=UTF8 --owner=… guardbee";
          case "42501" -> "make db.user the owner of the database and its schema";
          case "53300" -> "lower db.connections of each replica, or raise max_connections";
          default -> "is the server running, and reachable from here? see db.url";
        });
  }

  @Override
  public String remedy() {
    return "see to the database server; then the same request may be sent again";
  }

  @Override
  public Optional<String> lacksRoom(Connection connection, boolean urgent) {
    return Optional.empty(); // the server knows its disk, and a full one harms no reader
  }

  /** The update of an existing row, such as a lease, succeeds even when no table can grow. */
  @Override
  public void claimRoom(Handle tx) {
    tx.execute("set local temp_tablespaces = ''"); // on the disk of the database
    tx.execute(
        "create temporary table claimed_room on commit drop"
            + " as select repeat(md5(i::text), 50) from generate_series(1, 2000) i");
  }

  @Override
  public Optional<PostgresServer> server() {
    return Optional.of(this);
  }

  @Override
  public String toString() {
    return "PostgresServer[" + address() + ", ***]";
  }
}
