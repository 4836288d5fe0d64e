package io.guardbee.broker.door;

import com.codahale.metrics.MetricRegistry;
import io.guardbee.broker.policy.Attributes;
import io.guardbee.broker.status.BlockedCertificate;
import io.guardbee.broker.status.CertificateKey;
import io.guardbee.broker.status.IndexForTests;
import io.guardbee.broker.status.StatusIndex;
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

/**
 * A connect and a revocation of the same device at the same moment, again and again, with their
 * steps shifted against each other by chance. For tests and for the benchmark, which has more time.
 */
public final class ConnectRevokeRace implements AutoCloseable {

  private static final Instant UNTIL = Instant.parse("2099-01-01T00:00:00Z");
  private static final int LONGEST_LEAD = 400;

  private final Random random;
  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(1);
  private final StatusIndex index = new StatusIndex();
  private final LiveConnections live = new LiveConnections();
  private final ConnectedClients broker = new ConnectedClients(live);
  private final Bouncer bouncer =
      new Bouncer(live, broker, new DoorMetrics(new MetricRegistry()), scheduler);

  /**
   * What came of it.
   *
   * @param refused how often the revocation was first
   * @param stayedIn how often somebody who is revoked was still connected at the end
   */
  public record Outcome(int tries, int refused, int stayedIn) {}

  public ConnectRevokeRace(long seed) {
    random = new Random(seed);
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

  /** Tries so often, each time with another device. */
  public Outcome run(int tries) throws Exception {
    int refused = 0;
    int stayedIn = 0;
    for (int round = 1; round <= tries; round++) {
      refused += once(round) ? 0 : 1;
      stayedIn += broker.connected.isEmpty() && live.size() == 0 ? 0 : 1;
    }
    return new Outcome(tries, refused, stayedIn);
  }

  /** Whether the device got in before it was thrown out. */
  private boolean once(int round) throws Exception {
    Visitor visitor = visitor(round);
    int lead = random.nextInt(LONGEST_LEAD);
    int lag = random.nextInt(LONGEST_LEAD);
    int revokerLead = random.nextInt(2 * LONGEST_LEAD);
    CyclicBarrier together = new CyclicBarrier(2);
    Future<Boolean> connect =
        threads.submit(
            () -> {
              together.await();
              spin(lead);
              return connect(visitor, lag);
            });
    Future<Integer> revoke =
        threads.submit(
            () -> {
              together.await();
              spin(revokerLead);
              BlockedCertificate block =
                  new BlockedCertificate(visitor.key(), visitor.name(), "revoked", UNTIL);
              IndexForTests.revoke(index, round, block);
              return bouncer.evict(List.of(block)).get(10, TimeUnit.SECONDS);
            });
    boolean entered = connect.get(20, TimeUnit.SECONDS);
    revoke.get(20, TimeUnit.SECONDS);
    return entered;
  }

  /** The steps of ConnectCheck, with the moment at which HiveMQ takes note of the client. */
  private boolean connect(Visitor visitor, int lag) {
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

  @Override
  public void close() {
    threads.shutdownNow();
    scheduler.shutdownNow();
  }
}
