package io.guardbee.service.store;

import com.zaxxer.hikari.HikariConfig;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Where the data is: what H2 and PostgreSQL have not in common. */
sealed interface Backend permits EmbeddedH2, PostgresServer {

  /** How connections are made. */
  HikariConfig connections() throws IOException;

  /**
   * Looks whether what is behind that connection keeps what it confirms.
   *
   * @throws RefusedException when it does not
   */
  void check(Connection connection) throws SQLException;

  /**
   * What the operator is told when it does not open.
   *
   * @param message what the driver said
   */
  RefusedException doesNotOpen(String message, String sqlState);

  /** What helps when it fails at run time. */
  String remedy();

  /**
   * Why the changes that the transaction of that connection has made cannot be kept; empty when
   * they can, and when it has only read.
   *
   * @param urgent whether they may use the room that is kept from all others
   */
  Optional<String> lacksRoom(Connection connection, boolean urgent) throws SQLException;

  /**
   * Makes a change that needs new room on the disk, and leaves nothing of it after the transaction:
   * to be tried where one has failed for want of room.
   */
  void claimRoom(Handle tx);

  /** The server that other processes may use too; none for a file that is one process's own. */
  Optional<PostgresServer> server();
}
