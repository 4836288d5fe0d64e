package io.guardbee.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SelectorManager.AcceptListener;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which connection goes when there are too many: of 5, 3 of one network, 2 of them unfinished. */
class ConnectionSharesTest {

  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<SelectableChannel> closed = new ArrayList<>();
  private final List<Reason> reasons = new ArrayList<>();
  private final ConnectionShares shares =
      new ConnectionShares(
          new ConnectionShares.Bounds(5, 3, 2, 1), new Noting(), () -> this.nanoTime);
  private final AcceptListener https = shares.listener(true);
  private final AcceptListener http = shares.listener(false);
  private long nanoTime;
  private ServerSocketChannel server;

  private final class Noting implements ConnectionShares.Closer {
    @Override
    public void close(EndPoint endPoint, RefusedException why) {
      close((SelectableChannel) endPoint.getTransport(), true, why);
    }

    @Override
    public void close(SelectableChannel channel, boolean tls, RefusedException why) {
      closed.add(channel);
      reasons.add(why.reason());
    }
  }

  @BeforeEach
  void listen() throws IOException {
    server =
        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    open.add(server);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  private SocketChannel accepted(AcceptListener listener, String from) throws IOException {
    SocketChannel client =
        SocketChannel.open().bind(new InetSocketAddress(from, 0)); // the kernel chooses the port
    client.connect(server.getLocalAddress());
    open.add(client);
    SocketChannel channel = server.accept();
    open.add(channel);
    listener.onAccepting(channel);
    return channel;
  }

  private EndPoint finished(SocketChannel channel, boolean hasRole) {
    EndPoint endPoint =
        new SocketChannelEndPoint(channel, null, null, new ScheduledExecutorScheduler());
    shares.opened(endPoint);
    shares.handshakeDone(endPoint, hasRole);
    return endPoint;
  }

  private void pass(Duration time) {
    nanoTime += time.toNanos();
  }

  @Test
  void unfinishedHandshakesOfANetworkAreBounded() throws Exception {
    SocketChannel first = accepted(https, "127.0.0.2");
    accepted(https, "127.0.0.2");
    SocketChannel newest = accepted(https, "127.0.0.2");
    assertThat(closed).as("none has stalled yet").containsExactly(newest);
    assertThat(reasons).containsExactly(Reason.CONNECTIONS_EXHAUSTED);

    pass(Duration.ofSeconds(1));
    SocketChannel later = accepted(https, "127.0.0.2");
    assertThat(closed).as("the one that stalled longest").containsExactly(newest, first);
    finished(later, false);
    accepted(https, "127.0.0.2");
    assertThat(closed).as("finished ones do not count").hasSize(2);
  }

  @Test
  void networkBeyondItsShareGivesUpItsOwn() throws Exception {
    SocketChannel other = accepted(http, "127.0.0.3");
    SocketChannel first = accepted(http, "127.0.0.2");
    accepted(http, "127.0.0.2");
    accepted(http, "127.0.0.2");
    pass(Duration.ofSeconds(1));
    accepted(http, "127.0.0.2");
    assertThat(closed).containsExactly(first).doesNotContain(other);
  }

  @Test
  void whoWaitsLongestGivesWayWhenAllAreTaken() throws Exception {
    SocketChannel first = accepted(http, "127.0.0.2");
    SocketChannel second = accepted(http, "127.0.0.3");
    for (int network = 4; network <= 6; network++) {
      accepted(http, "127.0.0." + network);
    }
    assertThat(closed).isEmpty();
    EndPoint busy = new SocketChannelEndPoint(first, null, null, new ScheduledExecutorScheduler());
    shares.opened(busy);
    shares.busy(busy);
    accepted(http, "127.0.0.7");
    assertThat(closed).as("not the one with a request under way").containsExactly(second);
    assertThat(reasons).containsExactly(Reason.OVERLOADED);
  }

  @Test
  void operatorsAndBrokersLeaveTheSharesWithinTheirOwnBound() throws Exception {
    EndPoint operator = finished(accepted(https, "127.0.0.2"), true);
    assertThat(shares.isPrivileged(operator)).isTrue();
    for (int i = 0; i < 3; i++) {
      accepted(http, "127.0.0.2");
    }
    assertThat(closed).as("its network has the whole share besides").isEmpty();

    SocketChannel second = accepted(https, "127.0.0.3");
    assertThat(shares.isPrivileged(finished(second, true))).isFalse();
    assertThat(closed).containsExactly(second);
    assertThat(reasons).containsExactly(Reason.OVERLOADED);

    https.onClosed((SelectableChannel) operator.getTransport());
    assertThat(shares.isPrivileged(finished(accepted(https, "127.0.0.4"), true))).isTrue();
  }
}
