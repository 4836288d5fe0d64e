package io.guardbee.broker.door;

import static com.hivemq.extension.sdk.api.packets.subscribe.SubackReasonCode.NOT_AUTHORIZED;
import static com.hivemq.extension.sdk.api.packets.subscribe.SubackReasonCode.UNSPECIFIED_ERROR;

import com.hivemq.extension.sdk.api.async.Async;
import com.hivemq.extension.sdk.api.async.TimeoutFallback;
import com.hivemq.extension.sdk.api.client.ClientContext;
import com.hivemq.extension.sdk.api.interceptor.suback.SubackOutboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.suback.parameter.SubackOutboundInput;
import com.hivemq.extension.sdk.api.interceptor.suback.parameter.SubackOutboundOutput;
import com.hivemq.extension.sdk.api.interceptor.subscribe.SubscribeInboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.subscribe.parameter.SubscribeInboundInput;
import com.hivemq.extension.sdk.api.interceptor.subscribe.parameter.SubscribeInboundOutput;
import com.hivemq.extension.sdk.api.packets.subscribe.ModifiableSubscription;
import io.guardbee.broker.policy.Decision;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides on each subscription of one connection by its rights, where HiveMQ's default permissions
 * cannot: a filter that overlaps a denied one would deliver what is denied. What is refused gets a
 * filter that nobody may subscribe to, so that HiveMQ itself refuses it with the right code for the
 * client's MQTT version; a subscription authorizer would do that too, but HiveMQ then asks it for
 * each PUBLISH as well.
 */
final class SubscribeCheck implements SubscribeInboundInterceptor, SubackOutboundInterceptor {

  private static final Logger LOG = LoggerFactory.getLogger(SubscribeCheck.class);
  private static final int MOST_REASONS = 8;
  private static final int MOST_REFUSED = 500;

  private final LiveConnection connection;
  private final ClientContext context;
  private final Observer observer;
  private volatile @Nullable Map<Integer, String> reasons; // most never need it

  SubscribeCheck(LiveConnection connection, ClientContext context, Observer observer) {
    this.connection = connection;
    this.context = context;
    this.observer = observer;
  }

  @Override
  public void onInboundSubscribe(SubscribeInboundInput input, SubscribeInboundOutput output) {
    List<String> refused = new ArrayList<>();
    for (ModifiableSubscription wanted : output.getSubscribePacket().getSubscriptions()) {
      String filter = wanted.getTopicFilter();
      int qos = wanted.getQos().getQosNumber();
      Decision decision = decide(filter, qos);
      if (decision.why() == Decision.Why.MALFORMED && !filter.startsWith("$share/")) {
        continue; // HiveMQ ends the connection for it (MQTT 5 §4.7.1)
      }
      if (decision.allowed()) {
        observer.subscribe(connection, filter, qos);
      } else {
        refused.add(Quoted.of(filter) + " qos " + qos + ": " + decision.words());
        wanted.setTopicFilter(Permissions.REFUSED_FILTER);
      }
    }
    if (!refused.isEmpty()) {
      tell(input.getSubscribePacket().getPacketId(), refused);
    }
    if (refused.size() > MOST_REFUSED) {
      // HiveMQ would write all reasons into one string, and fail when that is too long: a time-out
      // has it refuse the whole packet
      Async<SubscribeInboundOutput> unused =
          output.async(Duration.ofMillis(1), TimeoutFallback.FAILURE);
    }
  }

  private Decision decide(String filter, int qos) {
    return Objects.requireNonNull(connection.rights(), "let in without rights")
        .decideSubscribe(filter, qos);
  }

  private void tell(int packetId, List<String> refused) {
    String shown = String.join("; ", refused.subList(0, Math.min(refused.size(), MOST_REASONS)));
    String reason = Reason.TOPIC_NOT_ALLOWED + ": " + shown;
    LOG.info("refused SUBSCRIBE of {}: {}", connection.visitor().name(), shown);
    Map<Integer, String> kept = reasons; // HiveMQ handles one SUBSCRIBE of a client at a time
    if (kept == null) {
      kept = new ConcurrentHashMap<>();
      reasons = kept;
      context.addSubackOutboundInterceptor(this);
    }
    kept.put(packetId, reason);
  }

  /** MQTT 5 §3.9.2.1.2: the reason string is for people who look for the fault. */
  @Override
  public void onOutboundSuback(SubackOutboundInput input, SubackOutboundOutput output) {
    Map<Integer, String> kept = reasons;
    String reason =
        kept == null ? null : kept.remove(input.getSubackPacket().getPacketIdentifier());
    if (reason != null) {
      output.getSubackPacket().setReasonString(reason);
      output
          .getSubackPacket()
          .setReasonCodes(
              output.getSubackPacket().getReasonCodes().stream()
                  .map(code -> code == UNSPECIFIED_ERROR ? NOT_AUTHORIZED : code)
                  .toList());
    }
  }
}
