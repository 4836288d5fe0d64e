package io.guardbee.broker.door;

import com.codahale.metrics.MetricRegistry;
import io.guardbee.broker.clone.Place;
import io.guardbee.broker.policy.Attributes;
import io.guardbee.broker.policy.Policy;
import io.guardbee.broker.policy.RefusedVersion;
import io.guardbee.broker.policy.Rights;
import io.guardbee.broker.session.SessionOwners;
import io.guardbee.broker.session.StoredSessions;
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
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The door as it is, on a broker that stands in for HiveMQ. */
final class StandInHouse {

  private static final TestCa CERTIFICATE = TestCa.root().authority("issuing").device("d-1");
  private static final TrustedIssuers ISSUERS = new TrustedIssuers(Map.of());

  final StatusIndex index = new StatusIndex();
  final LiveConnections live = new LiveConnections();
  final StandInBroker broker = new StandInBroker(live);
  final Told told = new Told();
  final Bouncer bouncer;
  final Changes changes;
  private final Admission admission;
  private final SessionCheck sessions;

  StandInHouse(Path folder, Supplier<Policy> policy, ScheduledExecutorService executor) {
    this(folder, policy, Optional::empty, executor);
  }

  /**
   * @param refused the version in force that the node does not take
   */
  StandInHouse(
      Path folder,
      Supplier<Policy> policy,
      Supplier<Optional<RefusedVersion>> refused,
      ScheduledExecutorService executor) {
    IndexForTests.begin(index);
    Clock clock = Clock.systemUTC();
    DoorMetrics metrics = new DoorMetrics(new MetricRegistry());
    SessionOwners owners = SessionOwners.in(folder, Runnable::run);
    Freshness freshness = new Freshness(Duration.ofDays(1), false, refused);
    Door door = new Door(() -> ISSUERS, index, policy, freshness, clock);
    Ledger ledger = new Ledger(metrics, told, clock);
    bouncer = new Bouncer(live, broker, owners, ledger, executor);
    CloneDesk.Bells bells = new CloneDesk.Bells(told, metrics, clock);
    CloneDesk clones = new CloneDesk(live, bouncer, bells, System::nanoTime);
    sessions = new SessionCheck(broker, owners, new StoredSessions(), bouncer);
    changes = new Changes(door, live, sessions, new Observer(Optional::empty, told), bouncer);
    admission = new Admission(door, live, clones, new Meter(bouncer, ledger, System::nanoTime));
  }

  /**
   * The steps of ConnectCheck.
   *
   * @param lag turns until the broker takes note of the client after our yes
   */
  boolean connect(Visitor visitor, int lag) throws Exception {
    LiveConnection connection = arrive(visitor);
    try {
      admit(connection);
      resume(connection).get(5, TimeUnit.MINUTES);
      changes.settle(connection);
    } catch (RefusedException e) {
      live.unregister(connection.number());
      return false;
    }
    connection.enter();
    spin(lag);
    broker.enter(connection);
    return true;
  }

  /** What the client waits for when it resumes a session. */
  CompletableFuture<Void> resume(Visitor visitor) {
    LiveConnection connection = arrive(visitor);
    admit(connection);
    return resume(connection);
  }

  LiveConnection arrive(Visitor visitor) {
    Grip grip = new StandInGrip();
    return live.register(new Arrival(visitor.name(), visitor, Place.unknown(), null, grip));
  }

  void admit(LiveConnection connection) {
    Rights rights = admission.admit(connection);
    connection.grant(rights);
    connection.grip().permit(rights);
  }

  CompletableFuture<Void> resume(LiveConnection connection) {
    return sessions.resume(connection, Objects.requireNonNull(connection.rights()));
  }

  static void spin(int turns) {
    for (int i = 0; i < turns; i++) {
      Thread.onSpinWait();
    }
  }

  static Visitor visitor(String name, int serial) {
    return new Visitor(
        name,
        "issuing " + name,
        new CertificateKey("issuing", new Serial(BigInteger.valueOf(serial))),
        Attributes.of(Subject.parse("CN=" + name + ",OU=sensor")),
        CERTIFICATE.certificate(),
        ISSUERS);
  }
}
