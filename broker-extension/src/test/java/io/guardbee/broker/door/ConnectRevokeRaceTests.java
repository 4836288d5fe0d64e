package io.guardbee.broker.door;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.guardbee.broker.policy.Attributes;
import io.guardbee.broker.status.BlockedCertificate;
import io.guardbee.broker.status.CertificateKey;
import io.guardbee.broker.status.IndexForTests;
import io.guardbee.broker.status.StatusIndex;
import io.guardbee.broker.watch.DoorMetrics;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.pki.Subject;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A connect and a revocation of the same device at the same moment, thousands of times: in whatever
 * order their steps fall, nobody who is revoked stays in.
 */
class ConnectRevokeRaceTests {

  /** The benchmark, which has more time, sets the property. */
  private static final int ROUNDS = Integer.getInteger("guardbee.race.rounds", 3000);

  private static final Instant UNTIL = Instant.parse("2099-01-01T00:00:00Z");

  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(1);

  @AfterEach
  void stop() {
    threads.shutdownNow();
    scheduler.shutdownNow();
  }

  /** A broker that, as HiveMQ does, knows a client only some time after it was let in. */
  private static final class ConnectedClients implements Sessions {

    private final Map<String, LiveConnection> connected = new ConcurrentHashMap<>();
    private final LiveConnections live;

    ConnectedClients(LiveConnections live) {
      this.live = live;
    }

    void enter(LiveConnection connection) {
      connected.put(connection.clientId(), connection);
    }

    @Override
    public CompletableFuture<Boolean> disconnect(
        String clientId, RefusedException why, boolean withWill) {
      LiveConnection connection = connected.remove(clientId);
      if (connection != null) {
        live.unregister(connection.number());
      }
      return CompletableFuture.completedFuture(connection != null);
    }

    @Override
    public CompletableFuture<Void> drop(String clientId) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Set<String>> clientIds(Predicate<String> wanted) {
      return CompletableFuture.completedFuture(Set.of());
    }

    @Override
    public CompletableFuture<Set<String>> subscriptions(String clientId) {
      return CompletableFuture.completedFuture(Set.of());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nobodyWhoIsRevokedStaysIn(long seed) throws Exception {
    Random random = new Random(seed);
    StatusIndex index = new StatusIndex();
    LiveConnections live = new LiveConnections();
    ConnectedClients broker = new ConnectedClients(live);
    Bouncer bouncer = new Bouncer(live, broker, new DoorMetrics(new MetricRegistry()), scheduler);
    int refused = 0;
    for (int round = 1; round <= ROUNDS; round++) {
      Visitor visitor = visitor(round);
      int lead = random.nextInt(400);
      int lag = random.nextInt(400);
      int revokerLead = random.nextInt(800);
      long event = round;
      CyclicBarrier together = new CyclicBarrier(2);
      Future<Boolean> connect =
          threads.submit(
              () -> {
                together.await();
                spin(lead);
                return connect(visitor, index, live, broker, lag);
              });
      Future<Integer> revoke =
          threads.submit(
              () -> {
                together.await();
                spin(revokerLead);
                BlockedCertificate block =
                    new BlockedCertificate(visitor.key(), visitor.name(), "revoked", UNTIL);
                IndexForTests.revoke(index, event, block);
                return bouncer.evict(List.of(block)).get(10, TimeUnit.SECONDS);
              });
      refused += connect.get(20, TimeUnit.SECONDS) ? 0 : 1;
      revoke.get(20, TimeUnit.SECONDS);
      assertThat(broker.connected).as("round %d of seed %d", round, seed).isEmpty();
      assertThat(live.size()).isZero();
    }
    assertThat(refused).as("both orders happened").isBetween(1, ROUNDS - 1);
  }

  /** The steps of ConnectCheck, with the moment at which HiveMQ takes note of the client. */
  private static boolean connect(
      Visitor visitor, StatusIndex index, LiveConnections live, ConnectedClients broker, int lag) {
    LiveConnection connection = live.register(visitor.name(), visitor, () -> {});
    if (index.block(visitor.key()).isPresent()) {
      live.unregister(connection.number());
      return false;
    }
    spin(lag);
    broker.enter(connection);
    return true;
  }

  private static Visitor visitor(int number) {
    return new Visitor(
        "d-" + number,
        new CertificateKey("issuing", new Serial(BigInteger.valueOf(number))),
        Attributes.of(Subject.parse("CN=d-" + number)),
        UNTIL);
  }

  private static void spin(int turns) {
    for (int i = 0; i < turns; i++) {
      Thread.onSpinWait();
    }
  }
}
