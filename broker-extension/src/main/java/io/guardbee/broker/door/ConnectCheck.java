package io.guardbee.broker.door;

import com.hivemq.extension.sdk.api.async.Async;
import com.hivemq.extension.sdk.api.async.TimeoutFallback;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthInput;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthOutput;
import com.hivemq.extension.sdk.api.client.parameter.ClientTlsInformation;
import com.hivemq.extension.sdk.api.client.parameter.ConnectionInformation;
import com.hivemq.extension.sdk.api.packets.auth.DefaultAuthorizationBehaviour;
import com.hivemq.extension.sdk.api.packets.auth.ModifiableDefaultPermissions;
import com.hivemq.extension.sdk.api.packets.connect.ConnackReasonCode;
import io.guardbee.broker.policy.Permission;
import io.guardbee.broker.policy.Rights;
import io.guardbee.broker.watch.DoorMetrics;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The check at every CONNECT, which is the guarantee. One instance serves all connections. */
final class ConnectCheck implements SimpleAuthenticator {

  private static final Logger LOG = LoggerFactory.getLogger(ConnectCheck.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Where a connection carries its number in {@link LiveConnections}. */
  static final String NUMBER = "guardbee.connection";

  private final Door door;
  private final LiveConnections live;
  private final Sessions sessions;
  private final DoorMetrics metrics;

  ConnectCheck(Door door, LiveConnections live, Sessions sessions, DoorMetrics metrics) {
    this.door = door;
    this.live = live;
    this.sessions = sessions;
    this.metrics = metrics;
  }

  @Override
  public void onConnect(SimpleAuthInput input, SimpleAuthOutput output) {
    long begin = System.nanoTime();
    decide(input, output);
    metrics.decided(System.nanoTime() - begin);
  }

  private void decide(SimpleAuthInput input, SimpleAuthOutput output) {
    ConnectionInformation information = input.getConnectionInformation();
    X509Certificate certificate = certificateOf(information);
    String clientId = input.getConnectPacket().getClientId();
    // permissions begin as "allow": an identity with none would be free to do all
    ModifiableDefaultPermissions permissions = output.getDefaultPermissions();
    permissions.setDefaultBehaviour(DefaultAuthorizationBehaviour.DENY);
    LiveConnection connection = null;
    try {
      Visitor visitor = door.identify(certificate);
      connection = live.register(clientId, visitor, permissions::clear);
      information
          .getConnectionAttributeStore()
          .putAsString(NUMBER, Long.toString(connection.number()));
      Rights rights = door.admit(visitor, clientId);
      connection.grant(rights);
      permissions.addAll(Permissions.of(rights));
      if (connection.isDisarmed()) {
        permissions.clear(); // revoked between the check and here; its end is on the way
      }
      letIn(input, output, visitor, rights);
    } catch (RefusedException e) {
      refuse(output, connection, e, describe(certificate, clientId, information));
    } catch (RuntimeException e) {
      LOG.error("a defect of Guardbee refused {}", Quoted.of(clientId), e);
      RefusedException refusal =
          new RefusedException(Reason.INTERNAL, "the door failed", "read the broker's log");
      refuse(output, connection, refusal, describe(certificate, clientId, information));
    }
  }

  private void letIn(
      SimpleAuthInput input, SimpleAuthOutput output, Visitor visitor, Rights rights) {
    String clientId = input.getConnectPacket().getClientId();
    if (input.getConnectPacket().getCleanStart()) {
      welcome(output, visitor, clientId, rights);
      return;
    }
    // HiveMQ does not check the subscriptions of a resumed session again: what was subscribed with
    // rights that are lost since would go on being delivered
    Async<SimpleAuthOutput> later =
        output.async(PATIENCE, TimeoutFallback.FAILURE, ConnackReasonCode.SERVER_BUSY);
    CompletableFuture<Void> unused =
        sessions
            .subscriptions(clientId)
            .thenCompose(filters -> dropUnlessCovered(clientId, filters, rights))
            .whenComplete(
                (nothing, failure) -> {
                  if (failure == null) {
                    welcome(later.getOutput(), visitor, clientId, rights);
                  } else {
                    LOG.error("session of {} cannot be checked", Quoted.of(clientId), failure);
                    later.getOutput().failAuthentication(ConnackReasonCode.SERVER_UNAVAILABLE);
                  }
                  later.resume();
                });
  }

  private CompletableFuture<Void> dropUnlessCovered(
      String clientId, Set<String> filters, Rights rights) {
    for (String filter : filters) {
      if (!rights.allow(Permission.Activity.SUBSCRIBE, filter)) {
        LOG.warn(
            "session of {} dropped: {} is no longer allowed",
            Quoted.of(clientId),
            Quoted.of(filter));
        return sessions.drop(clientId);
      }
    }
    return CompletableFuture.completedFuture(null);
  }

  private void welcome(SimpleAuthOutput output, Visitor visitor, String clientId, Rights rights) {
    output.authenticateSuccessfully();
    metrics.accepted();
    LOG.debug(
        "accepted {} serial {} as client {} by rule {}",
        visitor.name(),
        visitor.key().serial(),
        Quoted.of(clientId),
        rights.rule());
  }

  private void refuse(
      SimpleAuthOutput output,
      @Nullable LiveConnection connection,
      RefusedException why,
      String who) {
    if (connection != null) {
      live.unregister(connection.number());
    }
    metrics.refused(why.reason());
    LOG.warn("refused CONNECT of {}: {}", who, why.line());
    output.failAuthentication(codeOf(why.reason()), why.line());
  }

  private static ConnackReasonCode codeOf(Reason reason) {
    return switch (reason) {
      case CLIENT_ID_MISMATCH -> ConnackReasonCode.CLIENT_IDENTIFIER_NOT_VALID;
      case STATUS_STALE, INTERNAL -> ConnackReasonCode.SERVER_UNAVAILABLE;
      default -> ConnackReasonCode.NOT_AUTHORIZED;
    };
  }

  private static @Nullable X509Certificate certificateOf(ConnectionInformation information) {
    return information
        .getClientTlsInformation()
        .flatMap(ClientTlsInformation::getClientCertificate)
        .orElse(null);
  }

  private static String describe(
      @Nullable X509Certificate certificate, String clientId, ConnectionInformation information) {
    String address =
        information.getInetAddress().map(InetAddress::getHostAddress).orElse("an unknown address");
    String who =
        certificate == null
            ? "nobody"
            : Visitor.nameOf(certificate) + " serial " + Visitor.serialOf(certificate);
    return who + " client id " + Quoted.of(clientId) + " from " + address;
  }
}
