package io.guardbee.broker.door;

import com.hivemq.extension.sdk.api.services.Services;
import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.policy.PolicyInForce;
import io.guardbee.broker.policy.Rights;
import io.guardbee.broker.report.Reports;
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
import java.util.concurrent.ScheduledExecutorService;

/** The door with all that belongs to it, put together for HiveMQ. */
public final class Gatehouse implements AutoCloseable {

  private final Neighbours around;
  private final LiveConnections live = new LiveConnections();
  private final PolicyInForce policy;
  private final DoorMetrics metrics;
  private final Sessions sessions;
  private final Door door;
  private final Bouncer bouncer;

  /**
   * Builds the door; nobody is asked anything until {@link #open}.
   *
   * @throws RefusedException when a file that the configuration names does not do
   */
  public Gatehouse(
      BrokerConfig config, Neighbours around, ScheduledExecutorService executor, Clock clock) {
    this.around = around;
    this.policy = around.policy();
    this.metrics = around.metrics();
    this.sessions = new HiveMqSessions(Services.clientService(), Services.subscriptionStore());
    Freshness freshness = new Freshness(config.maxStaleness(), config.allowStale());
    this.door = new Door(around.trust()::issuers, around.index(), policy, freshness, clock);
    this.bouncer = new Bouncer(live, sessions, metrics, executor);
  }

  /** What the door leans on. */
  public record Neighbours(
      StatusIndex index, Trust trust, PolicyInForce policy, Reports reports, DoorMetrics metrics) {}

  /** Puts the checks in HiveMQ's way. */
  public void open() {
    Departures departures = new Departures(live);
    ConnectCheck check = new ConnectCheck(door, live, sessions, metrics);
    Services.eventRegistry().setClientLifecycleEventListener(input -> departures);
    Services.securityRegistry().setAuthenticatorProvider(input -> check);
  }

  /**
   * The check at the TLS handshake: early and cheap, so that most of those who must not come in
   * cost no more than this.
   *
   * @throws RefusedException when the holder must not come in
   */
  public void checkHandshake(X509Certificate certificate) {
    door.checkStatus(door.identify(certificate));
  }

  /** What this node is at. */
  public Vitals vitals() {
    return new DoorVitals(around.index(), live);
  }

  /** Ends what revoked certificates still have. */
  public Evictor evictor() {
    return bouncer;
  }

  /** Whether the service has to tell its whole status again, whatever was acknowledged. */
  public boolean needsWholeStatus() {
    return around.trust().isLost() || policy.isLost();
  }

  /** Follows what the service tells of authorities and policies. */
  public Instructions instructions() {
    return new Instructions() {
      @Override
      public void trust(Instructions.Trust told) {
        around.trust().accept(told);
      }

      @Override
      public void policy(PolicyOrder order) {}
    };
  }

  /** About every second: ends connections whose certificate has ended, follows the policy file. */
  public void sweep() {
    for (LiveConnection connection : live.all()) {
      RefusedException why = door.mustLeave(connection.visitor());
      if (why != null) {
        bouncer.sendAway(connection, why, why.reason() == Reason.CERTIFICATE_EXPIRED);
      }
    }
    if (policy.refresh()) {
      live.all().forEach(this::reconsider);
    }
  }

  /** Rights are given at CONNECT: who would get others now connects again. */
  private void reconsider(LiveConnection connection) {
    try {
      Rights now =
          policy.current().rightsOf(connection.visitor().attributes()).use(connection.clientId());
      if (now.equals(connection.rights())) {
        return;
      }
      bouncer.sendAway(
          connection,
          new RefusedException(
              Reason.TOPIC_NOT_ALLOWED, "the policy changed", "connect again for the new rights"),
          true);
    } catch (RefusedException e) {
      bouncer.sendAway(connection, e, true);
    }
  }

  /** Ends all connections: nobody would look after their certificates any more. */
  @Override
  public void close() {
    RefusedException why =
        new RefusedException(Reason.INTERNAL, "guardbee stops", "connect again later");
    live.all().forEach(connection -> bouncer.sendAway(connection, why, true));
  }
}
