package io.guardbee.broker.door;

import com.hivemq.extension.sdk.api.async.Async;
import com.hivemq.extension.sdk.api.async.TimeoutFallback;
import com.hivemq.extension.sdk.api.client.parameter.ConnectionInformation;
import com.hivemq.extension.sdk.api.interceptor.subscribe.SubscribeInboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.subscribe.parameter.SubscribeInboundInput;
import com.hivemq.extension.sdk.api.interceptor.subscribe.parameter.SubscribeInboundOutput;
import com.hivemq.extension.sdk.api.packets.disconnect.DisconnectReasonCode;
import com.hivemq.extension.sdk.api.packets.subscribe.Subscription;
import com.hivemq.extension.sdk.api.services.session.ClientService;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends who asks for so much in one SUBSCRIBE that it could not even be refused: HiveMQ puts a
 * sentence about each refused filter into one reason string, and when that is longer than MQTT can
 * say (MQTT 5 §1.5.4) it answers nothing, with a stack trace in its log. One instance serves all
 * connections.
 */
final class CrowdedSubscribe implements SubscribeInboundInterceptor {

  private static final Logger LOG = LoggerFactory.getLogger(CrowdedSubscribe.class);
  private static final int MOST_OCTETS = 65_535;

  /** What HiveMQ's sentence has around a filter (54), and room for a short one in its place. */
  private static final int OCTETS_AROUND = 80;

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ClientService clients;

  CrowdedSubscribe(ClientService clients) {
    this.clients = clients;
  }

  @Override
  public void onInboundSubscribe(SubscribeInboundInput input, SubscribeInboundOutput output) {
    List<? extends Subscription> wanted = input.getSubscribePacket().getSubscriptions();
    long octets = 0;
    for (Subscription one : wanted) {
      octets += one.getTopicFilter().getBytes(StandardCharsets.UTF_8).length + OCTETS_AROUND;
    }
    if (octets > MOST_OCTETS) {
      Async<SubscribeInboundOutput> unused = output.async(PATIENCE, TimeoutFallback.FAILURE);
      end(input, wanted.size());
    }
  }

  private void end(SubscribeInboundInput input, int filters) {
    RefusedException why =
        new RefusedException(
            Reason.REQUEST_TOO_LARGE,
            filters + " filters in one SUBSCRIBE are more than it can be answered",
            "send a few hundred in each packet");
    String clientId = input.getClientInformation().getClientId();
    LOG.warn(
        "ended connection of client id {} from {}: {}",
        Quoted.of(clientId),
        address(input.getConnectionInformation()),
        why.line());
    CompletableFuture<Boolean> unused =
        clients.disconnectClient(clientId, false, DisconnectReasonCode.QUOTA_EXCEEDED, why.line());
  }

  private static String address(ConnectionInformation information) {
    return information
        .getInetAddress()
        .map(InetAddress::getHostAddress)
        .orElse("an unknown address");
  }
}
