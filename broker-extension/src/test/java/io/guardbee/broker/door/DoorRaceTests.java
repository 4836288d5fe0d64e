package io.guardbee.broker.door;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.guardbee.broker.clone.Place;
import io.guardbee.broker.policy.Attributes;
import io.guardbee.broker.policy.Policy;
import io.guardbee.broker.policy.Rights;
import io.guardbee.broker.report.Reports;
import io.guardbee.broker.session.SessionOwners;
import io.guardbee.broker.status.BlockedCertificate;
import io.guardbee.broker.status.CertificateKey;
import io.guardbee.broker.status.IndexForTests;
import io.guardbee.broker.status.StatusIndex;
import io.guardbee.broker.watch.DoorMetrics;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.pki.Subject;
import io.guardbee.pki.TrustedIssuers;
import io.guardbee.testing.TestCa;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A device connects by its old and its new certificate while it is revoked, suspended, reinstated
 * and renewed, and while the policy changes, thousands of times: in whatever order the steps fall,
 * nobody stays in who must not, nobody is kept out who may come in, and no session outlives its
 * device.
 */
class DoorRaceTests {

  private static final int ROUNDS = 1000;
  private static final Instant UNTIL = Instant.parse("2099-01-01T00:00:00Z");
  private static final Policy FIRST = policy("a");
  private static final Policy SECOND = policy("b");
  private static final TestCa CERTIFICATE = TestCa.root().authority("issuing").device("d-1");
  private static final TrustedIssuers ISSUERS = new TrustedIssuers(Map.of());

  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(2);
  private final StatusIndex index = new StatusIndex();
  private final LiveConnections live = new LiveConnections();
  private final StandInBroker broker = new StandInBroker(live);
  private volatile Policy policy = FIRST;
  private long events;

  @TempDir Path folder = Path.of("");

  private static Policy policy(String topic) {
    return Policy.parse(
        """
        version: 1
        rules:
          - name: all
            when: { subject.OU: sensor }
            clientId: "${subject.CN}"
            allow:
              - publish: "%s/${subject.CN}"
        """
            .formatted(topic),
        "policy");
  }

  @AfterEach
  void stop() {
    threads.shutdownNow();
    scheduler.shutdownNow();
  }

  /** The door as it is, apart from HiveMQ. */
  private final class House {

    private final Bouncer bouncer;
    private final Changes changes;
    private final Admission admission;
    private final SessionCheck sessions;

    House() {
      Clock clock = Clock.systemUTC();
      Reports reports = new Told();
      DoorMetrics metrics = new DoorMetrics(new MetricRegistry());
      SessionOwners owners = SessionOwners.in(folder, Runnable::run);
      Door door =
          new Door(
              () -> ISSUERS, index, () -> policy, new Freshness(Duration.ofDays(1), false), clock);
      bouncer = new Bouncer(live, broker, owners, new Ledger(metrics, reports, clock), scheduler);
      CloneDesk.Bells bells = new CloneDesk.Bells(reports, metrics, clock);
      sessions = new SessionCheck(broker, owners, bouncer);
      changes = new Changes(door, live, sessions, new Observer(Optional::empty), bouncer);
      admission =
          new Admission(
              door,
              live,
              new CloneDesk(live, bouncer, bells, System::nanoTime),
              new Meter(bouncer, System::nanoTime));
    }

    /** The steps of ConnectCheck; HiveMQ takes note of the client some time after our yes. */
    boolean connect(Visitor visitor, int lag) throws Exception {
      StandInGrip grip = new StandInGrip();
      LiveConnection connection =
          live.register(new Arrival(visitor.name(), visitor, Place.unknown(), null, grip));
      try {
        Rights rights = admission.admit(connection);
        connection.grant(rights);
        grip.permit(rights);
        sessions.resume(connection, rights).get(10, TimeUnit.SECONDS);
        changes.settle(connection);
      } catch (RefusedException e) {
        live.unregister(connection.number());
        return false;
      }
      spin(lag);
      broker.enter(connection);
      return true;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nobodyIsInWhoMustNotBeAndNobodyOutWhoMay(long seed) throws Exception {
    Random random = new Random(seed);
    IndexForTests.begin(index);
    House house = new House();
    int in = 0;
    for (int round = 1; round <= ROUNDS; round++) {
      Visitor before = visitor(round, 2 * round);
      Visitor renewed = visitor(round, 2 * round + 1);
      Set<Visitor> blocked = new HashSet<>();
      CyclicBarrier together = new CyclicBarrier(4);
      List<Future<Boolean>> connects = new ArrayList<>();
      for (Visitor visitor : List.of(before, renewed)) {
        int lead = random.nextInt(400);
        int lag = random.nextInt(400);
        connects.add(
            threads.submit(
                () -> {
                  together.await();
                  spin(lead);
                  return house.connect(visitor, lag);
                }));
      }
      List<String> fate = fate(random);
      int lead = random.nextInt(800);
      Future<?> status =
          threads.submit(
              () -> {
                together.await();
                spin(lead);
                for (String change : fate) {
                  befall(house, change, before, renewed, blocked);
                }
                return null;
              });
      together.await();
      policy = random.nextBoolean() ? FIRST : SECOND;
      live.all().forEach(house.changes::reconsider);
      for (Future<Boolean> connect : connects) {
        in += connect.get(20, TimeUnit.SECONDS) ? 1 : 0;
      }
      status.get(20, TimeUnit.SECONDS);
      String what = "round " + round + " of seed " + seed + ": " + fate;
      String last = fate.get(fate.size() - 1);
      assertAllIsRight(what, blocked, last.equals("revoked") || last.equals("suspended"));
      assertThat(house.connect(renewed, 0))
          .as("%s, connecting again", what)
          .isEqualTo(!blocked.contains(renewed));
      broker.leave(before.name());
      assertThat(live.size()).as(what).isZero();
    }
    assertThat(in).as("both orders happened").isBetween(1, 2 * ROUNDS - 1);
  }

  /** What a service may say of one device, one after the other. */
  private static List<String> fate(Random random) {
    List<String> fate = new ArrayList<>();
    int length = 1 + random.nextInt(4);
    while (fate.size() < length && !fate.contains("revoked")) {
      fate.add(List.of("revoked", "suspended", "active", "superseded").get(random.nextInt(4)));
    }
    return fate;
  }

  private void befall(
      House house, String change, Visitor before, Visitor renewed, Set<Visitor> blocked)
      throws Exception {
    List<Visitor> of = change.equals("superseded") ? List.of(before) : List.of(before, renewed);
    List<BlockedCertificate> certificates =
        of.stream().map(v -> new BlockedCertificate(v.key(), v.name(), change, UNTIL)).toList();
    IndexForTests.apply(index, ++events, change, certificates);
    if (change.equals("active")) {
      of.forEach(blocked::remove);
    } else {
      blocked.addAll(of);
      int unused = house.bouncer.evict(certificates).get(20, TimeUnit.SECONDS);
    }
  }

  private void assertAllIsRight(String what, Set<Visitor> blocked, boolean isOut) {
    broker
        .connected()
        .forEach(
            connection -> {
              assertThat(blocked).as(what).doesNotContain(connection.visitor());
              assertThat(((StandInGrip) connection.grip()).rights())
                  .as("%s, rights in force", what)
                  .isEqualTo(policy.rightsOf(connection.visitor().attributes()));
            });
    assertThat(live.size()).as(what).isEqualTo(broker.connected().size());
    if (isOut) {
      assertThat(broker.sessions()).as("%s, sessions", what).isEmpty();
    }
  }

  private static Visitor visitor(int device, int serial) {
    String name = "d-" + device;
    return new Visitor(
        name,
        "issuing " + name,
        new CertificateKey("issuing", new Serial(BigInteger.valueOf(serial))),
        Attributes.of(Subject.parse("CN=" + name + ",OU=sensor")),
        CERTIFICATE.certificate(),
        ISSUERS);
  }

  private static void spin(int turns) {
    for (int i = 0; i < turns; i++) {
      Thread.onSpinWait();
    }
  }
}
