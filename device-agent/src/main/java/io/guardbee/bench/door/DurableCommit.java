package io.guardbee.bench.door;

import io.guardbee.launch.Guardbee;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/** One row committed to disk by the service's own database program, in a database beside its. */
final class DurableCommit implements AutoCloseable {

  private final URLClassLoader loader;
  private final Connection connection;
  private final PreparedStatement insert;

  private DurableCommit(URLClassLoader loader, Connection connection) throws SQLException {
    this.loader = loader;
    this.connection = connection;
    try (Statement statement = connection.createStatement()) {
      statement.execute("create table commits (n bigint primary key, body varchar)");
    }
    this.insert = connection.prepareStatement("insert into commits (n, body) values (?, ?)");
  }

  /** Opens H2 as the service does: every commit is on disk before it returns. */
  static DurableCommit open(Guardbee guardbee) throws Exception {
    Path jar = jar(guardbee.launcher().resolveSibling("provisioning-service/target/lib"));
    URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()});
    Driver driver =
        (Driver) loader.loadClass("org.h2.Driver").getDeclaredConstructor().newInstance();
    Path file = guardbee.home().resolve("bench-db");
    return new DurableCommit(
        loader,
        driver.connect(
            "jdbc:h2:file:" + file + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE", new Properties()));
  }

  private static Path jar(Path folder) throws IOException {
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "h2-*.jar")) {
      for (Path jar : jars) {
        return jar;
      }
    }
    throw new IOException("no h2 jar in " + folder);
  }

  /** Commits the row of that number; returns when it is on disk. */
  void commit(long number) throws SQLException {
    insert.setLong(1, number);
    insert.setString(2, "{\"type\":\"status\",\"event\":" + number + "}");
    insert.executeUpdate();
  }

  @Override
  public void close() throws SQLException, IOException {
    connection.close();
    loader.close();
  }
}
