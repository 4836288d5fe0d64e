package io.guardbee.broker.door;

import com.hivemq.extension.sdk.api.services.Services;
import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.policy.PolicyInForce;
import io.guardbee.broker.report.Reports;
import io.guardbee.broker.session.HiveMqSessions;
import io.guardbee.broker.session.SessionOwners;
import io.guardbee.broker.status.Evictor;
import io.guardbee.broker.status.Instructions;
import io.guardbee.broker.status.StatusIndex;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.TrustedIssuers;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The door with all that belongs to it, put together for HiveMQ. */
public final class Gatehouse implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Gatehouse.class);

  /** In sweeps. */
  private static final int A_DAY = 86_400;

  private final LiveConnections live = new LiveConnections();
  private final PolicyInForce policy;
  private final DoorMetrics metrics;
  private final Reports reports;
  private final Door door;
  private final Bouncer bouncer;
  private final PacketWatch.Watchmen watchmen;
  private final Changes changes;
  private final PolicyDesk policies;
  private final SessionCheck sessionCheck;
  private final ConnectCheck check;
  private final ScheduledExecutorService executor;
  private TrustedIssuers believed;
  private long sweeps;

  /** What else the door works with. */
  public record Parts(
      StatusIndex index, Reports reports, ScheduledExecutorService executor, Clock clock) {}

  /**
   * Builds the door; nobody is asked anything until {@link #open}.
   *
   * @param data the extension's folder for what it keeps
   * @throws RefusedException when a file that the configuration names does not do
   */
  public Gatehouse(BrokerConfig config, Path data, Parts parts) {
    this.executor = parts.executor();
    this.reports = parts.reports();
    this.policy = PolicyInForce.open(config.policy(), data);
    this.metrics = new DoorMetrics(Services.metricRegistry());
    TrustedIssuers issuers = issuers(config);
    this.believed = issuers;
    Freshness freshness = new Freshness(config.maxStaleness(), config.allowStale());
    this.door = new Door(() -> issuers, parts.index(), policy::current, freshness, parts.clock());
    HiveMqSessions sessions =
        new HiveMqSessions(Services.clientService(), Services.subscriptionStore());
    SessionOwners owners = SessionOwners.in(data, executor);
    Ledger ledger = new Ledger(metrics, reports, parts.clock());
    this.bouncer = new Bouncer(live, sessions, owners, ledger, executor);
    CloneDesk clones =
        new CloneDesk(
            live, bouncer, new CloneDesk.Bells(reports, metrics, parts.clock()), System::nanoTime);
    Observer observer = new Observer(policy::observing);
    Meter meter = new Meter(bouncer, System::nanoTime);
    this.watchmen = new PacketWatch.Watchmen(clones, meter, observer);
    this.sessionCheck = new SessionCheck(sessions, owners, bouncer);
    this.changes = new Changes(door, live, sessionCheck, observer, bouncer);
    this.policies = new PolicyDesk(policy, live, changes, reports, executor);
    Admission admission = new Admission(door, live, clones, meter);
    this.check = new ConnectCheck(admission, sessionCheck, changes, ledger);
    metrics.watch(parts.index(), live);
  }

  private static TrustedIssuers issuers(BrokerConfig config) {
    List<X509Certificate> issuing = new ArrayList<>();
    for (Path file : config.issuing()) {
      try {
        issuing.addAll(Pem.readCertificates(file));
      } catch (IOException e) {
        throw new RefusedException(
            Reason.CONFIGURATION_INVALID,
            "cannot read trust.issuing " + file,
            "copy the issuing authority's certificate there (ca/issuing.pem of the service)");
      }
    }
    return new TrustedIssuers(Map.of(Identity.ISSUING, issuing));
  }

  /** Puts the checks in HiveMQ's way. */
  public void open() {
    Departures departures = new Departures(live);
    Services.eventRegistry().setClientLifecycleEventListener(input -> departures);
    Services.initializerRegistry().setClientInitializer(new Arrivals(live, watchmen));
    Services.securityRegistry().setAuthenticatorProvider(input -> check);
  }

  /** The decisions at the TLS handshake. */
  public X509TrustManager handshake() {
    return new HandshakeCheck(door, metrics);
  }

  /** Ends what revoked certificates still have. */
  public Evictor evictor() {
    return blocked -> {
      blocked.forEach(certificate -> watchmen.clones().forget(certificate.key()));
      return bouncer.evict(blocked);
    };
  }

  /** Follows what the service tells of authorities and policies. */
  public Instructions instructions() {
    return new Instructions() {
      @Override
      public void trust(Trust trust) {}

      @Override
      public void policy(PolicyOrder order) {
        policies.carryOut(order);
      }
    };
  }

  /** Whether the service has to tell its whole status again, whatever was acknowledged. */
  public boolean needsWholeStatus() {
    return policy.isLost();
  }

  /** About every second, by one thread: follows clock, files and what is left to do. */
  public void sweep() {
    for (LiveConnection connection : live.all()) {
      RefusedException why = door.mustLeave(connection.visitor());
      if (why != null) {
        bouncer.sendAway(connection, why, why.reason() == Reason.CERTIFICATE_EXPIRED);
      } else {
        changes.lookAgain(connection);
      }
    }
    if (policy.refresh()) {
      policies.fileChanged();
    }
    TrustedIssuers now = door.issuers();
    if (!now.equals(believed)) {
      believed = now;
      CompletableFuture<Void> unused = Batches.each(live.all(), executor, changes::reconsider);
    }
    if (sweeps++ % A_DAY == 0) {
      CompletableFuture<Void> unused = sessionCheck.learn().exceptionally(Gatehouse::notLearnt);
    }
    watchmen.observer().tell(reports);
    watchmen.meter().tidy();
    watchmen.clones().tidy();
  }

  private static @Nullable Void notLearnt(Throwable failure) {
    LOG.error("sessions cannot be looked through", failure);
    return null;
  }

  /** Ends all connections: nobody would look after their certificates any more. */
  @Override
  public void close() {
    RefusedException why =
        new RefusedException(Reason.INTERNAL, "guardbee stops", "connect again later");
    live.all().forEach(connection -> bouncer.sendAway(connection, why, true));
    metrics.close();
  }
}
