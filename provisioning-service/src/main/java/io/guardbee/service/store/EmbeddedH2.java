package io.guardbee.service.store;

import com.zaxxer.hikari.HikariConfig;
import io.guardbee.files.SafeFiles;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * H2 in a directory of the home. Every commit is on disk before it returns (WRITE_DELAY=0): H2's
 * default may lose the last half second at a power cut.
 */
record EmbeddedH2(Path directory, int most, FreeSpace room) implements Backend {

  /** The name of its file, without what H2 adds to it. */
  static final String NAME = "guardbee";

  private static final String HAS_CHANGES =
      "select contains_uncommitted from information_schema.sessions where session_id ="
          + " session_id()";

  /** In that directory, made when missing. */
  static EmbeddedH2 in(Path directory, int most) throws IOException {
    SafeFiles.directory(directory);
    return new EmbeddedH2(directory, most, FreeSpace.around(directory));
  }

  @Override
  public HikariConfig connections() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(
        "jdbc:h2:file:" + directory.resolve(NAME) + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE");
    config.setMaximumPoolSize(most);
    return config;
  }

  @Override
  public void check(Connection connection) {
    // the settings above are all that it takes
  }

  @Override
  public RefusedException doesNotOpen(String message, String sqlState) {
    return new RefusedException(
        Reason.STORAGE_FAILED,
        "database in " + directory + " does not open: " + message,
        "stop the other guardbee on this home, or see to the disk");
  }

  @Override
  public String remedy() {
    return "see to the disk and try again: nothing was changed";
  }

  @Override
  public Optional<String> lacksRoom(Connection connection, boolean urgent) throws SQLException {
    return room.isShort(urgent) && hasChanges(connection)
        ? Optional.of(room.line())
        : Optional.empty();
  }

  private static boolean hasChanges(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery(HAS_CHANGES)) {
      return answer.next() && answer.getBoolean(1);
    }
  }

  @Override
  public void claimRoom(Handle tx) {
    // every change needs some: H2 writes no page in its place
  }

  @Override
  public Optional<PostgresServer> server() {
    return Optional.empty();
  }
}
