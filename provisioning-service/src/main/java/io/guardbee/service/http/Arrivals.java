package io.guardbee.service.http;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.attempt.Attempts;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes connections on which the TLS handshake or the head of a request does not arrive in time.
 * An idle time-out alone does not help against a client that sends an octet now and then. Also ends
 * those that are too many, see {@link ConnectionShares}. Thread-safe.
 */
final class Arrivals implements Connection.Listener {

  private static final Logger LOG = LoggerFactory.getLogger(Arrivals.class);

  private static final long SWEEP_MILLIS = 500;

  private final long idleNanos;
  private final Duration requestTime;
  private final Attempts attempts;
  private final ConnectionShares shares;
  private final Map<Connection, Visit> visits = new ConcurrentHashMap<>();

  /** A connection of HTTP, below TLS or plain. */
  private static final class Visit {
    final Connection connection;
    final String address;
    volatile boolean underWay;
    volatile boolean arriving = true; // the first request is due from the beginning
    volatile long since = System.nanoTime();
    volatile long bytes;

    Visit(Connection connection) {
      this.connection = connection;
      this.address = addressOf(connection.getEndPoint());
    }
  }

  /**
   * @param idle how long a connection may stay open between requests
   * @param requestTime how long a handshake and the head of a request may take
   */
  Arrivals(Duration idle, Duration requestTime, Attempts attempts, ConnectionShares shares) {
    this.idleNanos = idle.toNanos();
    this.requestTime = requestTime;
    this.attempts = attempts;
    this.shares = shares;
  }

  static String addressOf(EndPoint endPoint) {
    return endPoint.getRemoteSocketAddress() instanceof InetSocketAddress inet
            && inet.getAddress() != null
        ? inet.getAddress().getHostAddress()
        : "unknown";
  }

  /** Begins to look after the connections. */
  void start(Scheduler scheduler) {
    Scheduler.Task unused =
        scheduler.schedule(
            () -> {
              sweep();
              start(scheduler);
            },
            SWEEP_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  @Override
  public void onOpened(Connection connection) {
    if (!(connection instanceof ConnectionMetaData)) {
      return; // TLS: the connection of HTTP in it is told of beside it
    }
    visits.put(connection, new Visit(connection));
    shares.opened(outermost(connection));
  }

  @Override
  public void onClosed(Connection connection) {
    visits.remove(connection);
  }

  /** The head of a request is here. */
  void begun(Connection connection) {
    Visit visit = visits.get(connection);
    if (visit != null) {
      visit.underWay = true;
    }
  }

  /** The answer is out: the next request may come. */
  void ended(Connection connection) {
    Visit visit = visits.get(connection);
    if (visit != null) {
      visit.bytes = connection.getBytesIn();
      visit.since = System.nanoTime();
      visit.arriving = false;
      visit.underWay = false;
      shares.waits(outermost(connection));
    }
  }

  private void sweep() {
    long now = System.nanoTime();
    for (Visit visit : visits.values()) {
      try {
        look(visit, now);
      } catch (RuntimeException e) {
        LOG.warn("connection of {} cannot be looked after: {}", visit.address, e.toString());
      }
    }
  }

  private void look(Visit visit, long now) {
    if (visit.underWay) {
      return;
    }
    if (!visit.arriving) {
      if (visit.connection.getBytesIn() != visit.bytes) {
        visit.since = now;
        visit.arriving = true;
      } else if (now - visit.since > idleNanos + requestTime.toNanos()) {
        close(visit.connection); // TLS records that never become a request
      }
      return;
    }
    if (now - visit.since > requestTime.toNanos()) {
      tooSlow(visit);
    }
  }

  private void tooSlow(Visit visit) {
    if (sentNothing(visit.connection)) {
      close(visit.connection); // a probe, or a connection made ahead and not used
      return;
    }
    refuse(
        visit,
        new RefusedException(
            Reason.REQUEST_TOO_SLOW,
            "the head of the request did not arrive within " + requestTime.toMillis() + " ms",
            "see to the network between; the limit is limits.requestTime"));
  }

  private void refuse(Visit visit, RefusedException why) {
    ClosedConnections.record(attempts, visit.address, why);
    close(visit.connection);
  }

  private static boolean sentNothing(Connection connection) {
    SslConnection tls = tlsOf(connection);
    return tls == null ? connection.getBytesIn() == 0 : tls.getBytesIn() == 0;
  }

  /** At once, without a word of TLS that the peer might not take. */
  private static void close(Connection connection) {
    outermost(connection).close(new TimeoutException("closed by Guardbee"));
  }

  /** That of the socket. */
  static EndPoint outermost(Connection connection) {
    SslConnection tls = tlsOf(connection);
    return tls == null ? connection.getEndPoint() : tls.getEndPoint();
  }

  private static @Nullable SslConnection tlsOf(Connection connection) {
    return connection.getEndPoint() instanceof SslConnection.SslEndPoint inner
        ? inner.getSslConnection()
        : null;
  }
}
