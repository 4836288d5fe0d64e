package io.guardbee.broker.door;

import com.hivemq.extension.sdk.api.services.Services;
import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.policy.PolicyInForce;
import io.guardbee.broker.policy.Rights;
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
import java.util.concurrent.ScheduledExecutorService;
import javax.net.ssl.X509TrustManager;

/** The door with all that belongs to it, put together for HiveMQ. */
public final class Gatehouse implements AutoCloseable {

  private final LiveConnections live = new LiveConnections();
  private final PolicyInForce policy;
  private final DoorMetrics metrics;
  private final Sessions sessions;
  private final Door door;
  private final Bouncer bouncer;

  /**
   * Builds the door; nobody is asked anything until {@link #open}.
   *
   * @param data where the node keeps what it was told
   * @throws RefusedException when a file that the configuration names does not do
   */
  public Gatehouse(
      BrokerConfig config,
      Path data,
      StatusIndex index,
      ScheduledExecutorService executor,
      Clock clock) {
    this.policy = PolicyInForce.open(config.policy(), data);
    this.metrics = new DoorMetrics(Services.metricRegistry());
    this.sessions = new HiveMqSessions(Services.clientService(), Services.subscriptionStore());
    Freshness freshness = new Freshness(config.maxStaleness(), config.allowStale());
    this.door = new Door(issuers(config), index, policy, freshness, clock);
    this.bouncer = new Bouncer(live, sessions, metrics, executor);
    metrics.watch(index, live);
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
    ConnectCheck check = new ConnectCheck(door, live, sessions, metrics);
    Services.eventRegistry().setClientLifecycleEventListener(input -> departures);
    Services.securityRegistry().setAuthenticatorProvider(input -> check);
  }

  /** The decisions at the TLS handshake. */
  public X509TrustManager handshake() {
    return new HandshakeCheck(door, metrics);
  }

  /** Ends what revoked certificates still have. */
  public Evictor evictor() {
    return bouncer;
  }

  /** Follows what the service tells of authorities and policies. */
  public Instructions instructions() {
    return new Instructions() {
      @Override
      public void trust(Trust trust) {}

      @Override
      public void policy(PolicyOrder order) {}
    };
  }

  /** Whether the service has to tell its whole status again, whatever was acknowledged. */
  public boolean needsWholeStatus() {
    return policy.isLost();
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
    metrics.close();
  }
}
