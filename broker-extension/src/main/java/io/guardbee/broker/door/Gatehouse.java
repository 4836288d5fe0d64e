package io.guardbee.broker.door;

import com.hivemq.extension.sdk.api.services.Services;
import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.policy.PolicyInForce;
import io.guardbee.broker.report.Reports;
import io.guardbee.broker.retained.HiveMqRetainedMessages;
import io.guardbee.broker.retained.RetainedClearing;
import io.guardbee.broker.session.HiveMqSessions;
import io.guardbee.broker.session.SessionOwners;
import io.guardbee.broker.session.StoredSessions;
import io.guardbee.broker.status.Evictor;
import io.guardbee.broker.status.Instructions;
import io.guardbee.broker.status.StatusIndex;
import io.guardbee.broker.trust.Trust;
import io.guardbee.broker.watch.DoorMetrics;
import io.guardbee.broker.watch.Vitals;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The door with all that belongs to it, put together for HiveMQ. */
public final class Gatehouse implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Gatehouse.class);

  /** In sweeps. */
  private static final int A_DAY = 86_400;

  private final LiveConnections live = new LiveConnections();
  private final Neighbours around;
  private final Door door;
  private final Bouncer bouncer;
  private final PacketWatch.Watchmen watchmen;
  private final Changes changes;
  private final PolicyDesk policies;
  private final SessionCheck sessionCheck;
  private final ConnectCheck check;
  private final ScheduledExecutorService executor;
  private CompletableFuture<Void> learning = CompletableFuture.completedFuture(null);
  private long sweeps;

  /** What the door leans on. */
  public record Neighbours(
      StatusIndex index,
      Trust trust,
      PolicyInForce policy,
      SessionOwners owners,
      Reports reports,
      DoorMetrics metrics) {}

  /** Builds the door; nobody is asked anything until {@link #open}. */
  public Gatehouse(
      BrokerConfig config, Neighbours around, ScheduledExecutorService executor, Clock clock) {
    this.around = around;
    this.executor = executor;
    PolicyInForce policy = around.policy();
    Freshness freshness =
        new Freshness(config.maxStaleness(), config.allowStale(), policy::refused);
    this.door =
        new Door(around.trust()::issuers, around.index(), policy::current, freshness, clock);
    HiveMqSessions sessions =
        new HiveMqSessions(Services.clientService(), Services.subscriptionStore());
    Ledger ledger = new Ledger(around.metrics(), around.reports(), clock);
    this.bouncer = new Bouncer(live, sessions, around.owners(), ledger, executor);
    var bells = new CloneDesk.Bells(around.reports(), around.metrics(), clock);
    CloneDesk clones = new CloneDesk(live, bouncer, bells, System::nanoTime);
    Observer observer = new Observer(policy::observing, around.reports());
    Meter meter = new Meter(bouncer, ledger, System::nanoTime);
    this.sessionCheck = new SessionCheck(sessions, around.owners(), new StoredSessions(), bouncer);
    var limiting = new SubscribeCheck.Limiting(sessionCheck, ledger);
    this.watchmen = new PacketWatch.Watchmen(clones, meter, observer, limiting, clock);
    this.changes = new Changes(door, live, sessionCheck, observer, bouncer);
    this.policies = new PolicyDesk(policy, live, changes, around.reports(), executor);
    Admission admission = new Admission(door, live, clones, meter);
    this.check = new ConnectCheck(admission, sessionCheck, changes, ledger);
  }

  /** Puts the checks in HiveMQ's way. */
  public void open() {
    Departures departures = new Departures(live, watchmen.limiting().ledger());
    Services.eventRegistry().setClientLifecycleEventListener(input -> departures);
    Services.initializerRegistry().setClientInitializer(new Arrivals(live, watchmen));
    SessionExpiry expiry = new SessionExpiry(door);
    Services.interceptorRegistry().setConnectInboundInterceptorProvider(input -> expiry);
    Services.interceptorRegistry().setConnackOutboundInterceptorProvider(input -> expiry);
    Services.securityRegistry().setAuthenticatorProvider(input -> check);
  }

  /**
   * The check at the TLS handshake: early and cheap, so that most of those who must not come in
   * cost no more than this.
   *
   * @throws RefusedException when the holder must not come in
   */
  public void checkHandshake(X509Certificate certificate) {
    try {
      door.checkStatus(door.identify(certificate));
    } catch (RefusedException e) {
      if (e.reason() == Reason.CERTIFICATE_UNCONFIRMED) {
        around.reports().unconfirmed(certificate);
      }
      throw e;
    }
  }

  /** What this node is at. */
  public Vitals vitals() {
    return new DoorVitals(around.index(), around.trust(), live, around.policy());
  }

  /** Ends what revoked certificates still have. */
  public Evictor evictor() {
    RetainedClearing clearing =
        new RetainedClearing(
            new HiveMqRetainedMessages(Services.retainedMessageStore()),
            () -> around.policy().current().retained(),
            executor);
    return new DeviceEvictor(bouncer, watchmen.clones(), clearing);
  }

  /** Follows what the service tells of authorities and policies. */
  public Instructions instructions() {
    return new Instructions() {
      @Override
      public void trust(Instructions.Trust told) {
        long before = around.trust().generation();
        try {
          around.trust().accept(told);
        } finally {
          if (around.trust().generation() != before) {
            reconsiderAll(); // in force, even when it could not be kept
          }
        }
      }

      @Override
      public void policy(PolicyOrder order) {
        policies.carryOut(order);
      }

      @Override
      public void noPolicy() {
        policies.none();
      }

      @Override
      public long policyTold() {
        return around.policy().told();
      }
    };
  }

  /** Whether the service has to tell its whole status again, whatever was acknowledged. */
  public boolean needsWholeStatus() {
    return around.trust().isLost() || around.policy().isLost();
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
    if (around.policy().refresh()) {
      reconsiderAll();
    }
    if (sweeps++ % A_DAY == 0 || learning.isCompletedExceptionally()) {
      learning = sessionCheck.learn();
      CompletableFuture<Void> unused = learning.exceptionally(Gatehouse::notLearnt);
    }
    watchmen.meter().tidy();
    watchmen.clones().tidy();
  }

  private void reconsiderAll() {
    CompletableFuture<Void> unused = Batches.each(live.all(), executor, changes::reconsider);
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
  }
}
