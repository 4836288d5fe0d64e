package io.guardbee.broker.run.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.broker.config.BrokerConfig;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConnectionCountsTests {

  private static final Limits LIMITS = new Limits(6, 4, 3, 2, Duration.ofSeconds(10));
  private static final Network HERE = new Network("192.0.2.1");
  private static final Network THERE = new Network("192.0.2.2");
  private static final Network ELSEWHERE = new Network("192.0.2.3");

  private final List<LimitReason> refused = new ArrayList<>();
  private final List<String> closed = new ArrayList<>();
  private final ConnectionCounts counts =
      new ConnectionCounts(LIMITS, (reason, network) -> refused.add(reason));

  private Optional<AcceptedConnection> accept(Network network, String name, long now) {
    return counts.accept(network, now, () -> closed.add(name));
  }

  private AcceptedConnection established(Network network) {
    AcceptedConnection connection = accept(network, "established", 0).orElseThrow();
    counts.negotiating(connection);
    counts.established(connection);
    return connection;
  }

  private AcceptedConnection negotiating(Network network, String name, long now) {
    AcceptedConnection connection = accept(network, name, now).orElseThrow();
    counts.negotiating(connection);
    return connection;
  }

  @Test
  void anAddressHasNoMoreConnectionsThanItsLimit() {
    for (int i = 0; i < LIMITS.addressConnections(); i++) {
      established(HERE);
    }
    assertThat(accept(HERE, "one more", 0)).isEmpty();
    assertThat(refused).containsExactly(LimitReason.ADDRESS_CONNECTIONS);
    assertThat(accept(THERE, "other", 0)).isPresent();
  }

  @Test
  void allHaveNoMoreConnectionsThanTheLimit() {
    for (int i = 0; i < LIMITS.connections(); i++) {
      established(i % 2 == 0 ? HERE : THERE);
    }
    assertThat(accept(ELSEWHERE, "one more", 0)).isEmpty();
    assertThat(refused).containsExactly(LimitReason.CONNECTIONS);
  }

  @Test
  void anIdleHandshakeMakesRoomForTheNextOfItsAddress() {
    accept(HERE, "first", 0);
    accept(HERE, "second", 0);
    assertThat(accept(HERE, "third", 0)).isPresent();
    assertThat(closed).containsExactly("first");
    assertThat(refused).containsExactly(LimitReason.HANDSHAKE_REPLACED);
    assertThat(counts.handshakes()).isEqualTo(2);
  }

  @Test
  void aHandshakeUnderWayIsNotGivenUpForANewOne() {
    AcceptedConnection first = negotiating(HERE, "first", 0);
    negotiating(HERE, "second", 0);
    assertThat(accept(HERE, "third", 0)).isEmpty();
    assertThat(refused).containsExactly(LimitReason.ADDRESS_HANDSHAKES);
    counts.established(first);
    assertThat(accept(HERE, "fourth", 0)).isPresent();
    assertThat(closed).isEmpty();
  }

  @Test
  void aHandshakeThatStandsStillMakesRoomAfterTheGrace() {
    negotiating(HERE, "first", 0);
    negotiating(HERE, "second", 0);
    assertThat(accept(HERE, "third", ConnectionCounts.GRACE.toNanos())).isPresent();
    assertThat(closed).containsExactly("first");
  }

  @Test
  void allHaveNoMoreHandshakesThanTheLimit() {
    negotiating(HERE, "first", 0);
    negotiating(HERE, "second", 0);
    negotiating(THERE, "third", 0);
    assertThat(accept(ELSEWHERE, "fourth", 0)).isEmpty();
    assertThat(refused).containsExactly(LimitReason.HANDSHAKES);
  }

  @Test
  void aLateHandshakeIsClosed() {
    counts.timedOut(accept(HERE, "late", 0).orElseThrow());
    counts.timedOut(established(HERE));
    assertThat(closed).containsExactly("late");
    assertThat(refused).containsExactly(LimitReason.HANDSHAKE_TIMEOUT);
  }

  @Test
  void whateverEndsAConnectionIsCountedOnce() {
    AcceptedConnection late = accept(HERE, "late", 0).orElseThrow();
    counts.timedOut(late);
    counts.closed(late);
    counts.closed(late);
    AcceptedConnection given = accept(HERE, "given up", 0).orElseThrow();
    counts.closed(given);
    counts.established(given);
    AcceptedConnection used = established(THERE);
    assertThat(counts.connections()).isEqualTo(1);
    counts.closed(used);
    counts.closed(used);
    assertThat(counts.connections()).isZero();
    assertThat(counts.handshakes()).isZero();
    assertThat(counts.networks()).isZero();
  }

  @Test
  void addressesOfOneNetworkCountTogether() throws Exception {
    assertThat(Network.of(InetAddress.getByName("2001:db8::1")))
        .isEqualTo(Network.of(InetAddress.getByName("2001:db8::ffff:1")))
        .isNotEqualTo(Network.of(InetAddress.getByName("2001:db8:0:1::1")));
    assertThat(Network.of(InetAddress.getByName("::ffff:192.0.2.1"))).isEqualTo(HERE);
  }

  @Test
  void limitsLeftOpenFollowTheFilesOfTheProcess() {
    var open = new BrokerConfig.Connections(0, 0, 5, 3, Duration.ofSeconds(1));
    assertThat(Limits.of(open, 20_000))
        .isEqualTo(new Limits(18_000, 13_500, 5, 3, Duration.ofSeconds(1)));
    var set = new BrokerConfig.Connections(40, 40, 5, 3, Duration.ofSeconds(1));
    assertThat(Limits.of(set, 20_000)).isEqualTo(new Limits(40, 40, 5, 3, Duration.ofSeconds(1)));
  }
}
