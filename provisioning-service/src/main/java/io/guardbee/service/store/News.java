package io.guardbee.service.store;

import io.guardbee.pki.Quoted;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Word from the other processes on a PostgreSQL server, on a connection of its own. That it comes
 * is not certain; that it is looked for once a second is.
 */
public final class News implements AutoCloseable {

  static final String CHANNEL = "guardbee";

  private static final Logger LOG = LoggerFactory.getLogger(News.class);
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final Runnable look;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final @Nullable Thread thread;
  private String complaint = "";

  News(Optional<PostgresServer> server, Runnable look) {
    this.look = look;
    this.thread = server.map(this::listening).orElse(null);
  }

  private Thread listening(PostgresServer server) {
    Thread listening = new Thread(() -> listenUntilClosed(server), "database-news");
    listening.setDaemon(true);
    listening.start();
    return listening;
  }

  private void listenUntilClosed(PostgresServer server) {
    try {
      do {
        listen(server);
      } while (!closed.await(LOOK.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void listen(PostgresServer server) {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("listen " + CHANNEL);
      complaint = "";
      PGConnection notifications = connection.unwrap(PGConnection.class);
      while (closed.getCount() > 0) {
        look.run(); // first: what was told before this connection listened
        notifications.getNotifications((int) LOOK.toMillis());
      }
    } catch (SQLException e) {
      complain(SqlFailure.message(e));
      look.run();
    }
  }

  /** Each complaint once, not every second. */
  private void complain(String what) {
    if (!what.equals(complaint)) {
      complaint = what;
      LOG.warn("news from other replicas comes late: {}", Quoted.line(what));
    }
  }

  @Override
  public void close() {
    closed.countDown();
    if (thread != null) {
      try {
        thread.join(2 * LOOK.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
