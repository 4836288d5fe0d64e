package io.guardbee.broker.door;

import com.hivemq.extension.sdk.api.async.Async;
import com.hivemq.extension.sdk.api.async.TimeoutFallback;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthInput;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthOutput;
import com.hivemq.extension.sdk.api.client.parameter.ClientTlsInformation;
import com.hivemq.extension.sdk.api.client.parameter.ConnectionInformation;
import com.hivemq.extension.sdk.api.packets.connect.ConnackReasonCode;
import com.hivemq.extension.sdk.api.packets.connect.ConnectPacket;
import io.guardbee.broker.clone.Place;
import io.guardbee.broker.policy.Rights;
import io.guardbee.broker.trust.Presented;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The check at every CONNECT, which is the guarantee. One instance serves all connections. */
final class ConnectCheck implements SimpleAuthenticator {

  private static final Logger LOG = LoggerFactory.getLogger(ConnectCheck.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Where a connection carries its number in {@link LiveConnections}. */
  static final String NUMBER = "guardbee.connection";

  private final Admission admission;
  private final SessionCheck sessions;
  private final Changes changes;
  private final Ledger ledger;

  ConnectCheck(Admission admission, SessionCheck sessions, Changes changes, Ledger ledger) {
    this.admission = admission;
    this.sessions = sessions;
    this.changes = changes;
    this.ledger = ledger;
  }

  @Override
  public void onConnect(SimpleAuthInput input, SimpleAuthOutput output) {
    long begin = System.nanoTime();
    decide(input, output);
    ledger.metrics().decided(System.nanoTime() - begin);
  }

  private void decide(SimpleAuthInput input, SimpleAuthOutput output) {
    ConnectionInformation information = input.getConnectionInformation();
    X509Certificate certificate = certificateOf(information);
    HiveMqGrip grip = new HiveMqGrip(output.getDefaultPermissions());
    String clientId = input.getConnectPacket().getClientId();
    LiveConnection connection = null;
    try {
      Visitor visitor = admission.door().identify(certificate);
      connection = admission.live().register(arrival(input, visitor, grip));
      information
          .getConnectionAttributeStore()
          .putAsString(NUMBER, Long.toString(connection.number()));
      Rights rights = admission.admit(connection);
      connection.grant(rights);
      grip.permit(rights);
      letIn(input, output, connection, rights);
    } catch (RefusedException e) {
      if (e.reason() == Reason.CERTIFICATE_UNCONFIRMED && certificate != null) {
        ledger.unconfirmed(certificate);
      }
      refuse(output, connection, e, who(certificate, clientId, information));
    } catch (RuntimeException e) {
      LOG.error("a defect of Guardbee refused {}", Quoted.of(clientId), e);
      refuse(output, connection, defect(), who(certificate, clientId, information));
    }
  }

  static RefusedException defect() {
    return new RefusedException(Reason.INTERNAL, "the door failed", "read the broker's log");
  }

  private static Arrival arrival(SimpleAuthInput input, Visitor visitor, Grip grip) {
    ConnectPacket connect = input.getConnectPacket();
    Will will =
        connect
            .getWillPublish()
            .map(w -> new Will(w.getTopic(), w.getQos().getQosNumber(), w.getRetain()))
            .orElse(null);
    Place place =
        input.getConnectionInformation().getInetAddress().map(Place::of).orElse(Place.unknown());
    return new Arrival(connect.getClientId(), visitor, place, will, grip);
  }

  private void letIn(
      SimpleAuthInput input, SimpleAuthOutput output, LiveConnection connection, Rights rights) {
    ConnectPacket connect = input.getConnectPacket();
    connection.keepSession(connect.getSessionExpiryInterval());
    boolean counted = connect.getSessionExpiryInterval() > 0 && rights.clientIds().anySuffix();
    if (connect.getCleanStart() && !counted) {
      sessions.begin(connection);
      welcome(output, connection);
      return;
    }
    Async<SimpleAuthOutput> later =
        output.async(PATIENCE, TimeoutFallback.FAILURE, ConnackReasonCode.SERVER_BUSY);
    CompletableFuture<Void> unused =
        session(connection, rights, counted, connect.getCleanStart())
            .whenComplete(
                (nothing, failure) -> {
                  if (failure == null) {
                    welcome(later.getOutput(), connection);
                  } else {
                    RefusedException why = refusal(connection, failure);
                    refuse(later.getOutput(), connection, why, Ledger.Who.of(connection));
                  }
                  later.resume();
                });
  }

  private CompletableFuture<Void> session(
      LiveConnection connection, Rights rights, boolean counted, boolean clean) {
    CompletableFuture<Void> room =
        counted
            ? sessions.count(connection, rights.limits().sessions().maxSessions())
            : CompletableFuture.completedFuture(null);
    return clean
        ? room.thenRun(() -> sessions.begin(connection))
        : room.thenCompose(nothing -> sessions.resume(connection, rights));
  }

  private static RefusedException refusal(LiveConnection connection, Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof RefusedException refused) {
      return refused;
    }
    LOG.error("session of {} cannot be checked", Quoted.of(connection.clientId()), failure);
    return defect();
  }

  /** What changed since the rights were asked for is in force before the client is in. */
  private void welcome(SimpleAuthOutput output, LiveConnection connection) {
    try {
      changes.settle(connection);
      Rights rights = Objects.requireNonNull(connection.rights(), "settled without rights");
      output
          .getClientSettings()
          .setClientQueueSizeMaximum(rights.limits().sessions().maxQueuedMessages());
      connection.enter();
      output.authenticateSuccessfully();
      ledger.accepted(connection);
    } catch (RefusedException e) {
      refuse(output, connection, e, Ledger.Who.of(connection));
    } catch (RuntimeException e) {
      LOG.error("a defect of Guardbee refused {}", Quoted.of(connection.clientId()), e);
      refuse(output, connection, defect(), Ledger.Who.of(connection));
    }
  }

  private void refuse(
      SimpleAuthOutput output,
      @Nullable LiveConnection connection,
      RefusedException why,
      Ledger.Who who) {
    if (connection != null) {
      admission.live().unregister(connection.number());
    }
    ledger.refusedConnect(who, why);
    output.failAuthentication(codeOf(why.reason()), why.line());
  }

  /** MQTT 5 §3.2.2.2; HiveMQ turns it into what MQTT 3.1.1 has. */
  private static ConnackReasonCode codeOf(Reason reason) {
    return switch (reason) {
      case CLIENT_ID_MISMATCH -> ConnackReasonCode.CLIENT_IDENTIFIER_NOT_VALID;
      case STATUS_STALE, POLICY_NOT_APPLIED, INTERNAL -> ConnackReasonCode.SERVER_UNAVAILABLE;
      case CONNECTIONS_EXHAUSTED, SESSIONS_EXHAUSTED -> ConnackReasonCode.QUOTA_EXCEEDED;
      case RATE_LIMITED -> ConnackReasonCode.CONNECTION_RATE_EXCEEDED;
      default -> ConnackReasonCode.NOT_AUTHORIZED;
    };
  }

  static @Nullable X509Certificate certificateOf(ConnectionInformation information) {
    return information
        .getClientTlsInformation()
        .flatMap(ClientTlsInformation::getClientCertificate)
        .orElse(null);
  }

  private static Ledger.Who who(
      @Nullable X509Certificate certificate, String clientId, ConnectionInformation information) {
    String address = information.getInetAddress().map(a -> a.getHostAddress()).orElse(null);
    if (certificate == null) {
      return new Ledger.Who(null, null, address, clientId);
    }
    Presented who = Presented.of(certificate);
    return new Ledger.Who(who.name(), who.serial(), address, clientId);
  }
}
