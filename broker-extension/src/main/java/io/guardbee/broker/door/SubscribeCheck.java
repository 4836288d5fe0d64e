package io.guardbee.broker.door;

import static com.hivemq.extension.sdk.api.packets.subscribe.SubackReasonCode.NOT_AUTHORIZED;
import static com.hivemq.extension.sdk.api.packets.subscribe.SubackReasonCode.QUOTA_EXCEEDED;
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
import com.hivemq.extension.sdk.api.interceptor.unsubscribe.UnsubscribeInboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.unsubscribe.parameter.UnsubscribeInboundInput;
import com.hivemq.extension.sdk.api.interceptor.unsubscribe.parameter.UnsubscribeInboundOutput;
import com.hivemq.extension.sdk.api.packets.general.MqttVersion;
import com.hivemq.extension.sdk.api.packets.subscribe.ModifiableSubscription;
import com.hivemq.extension.sdk.api.packets.subscribe.SubackReasonCode;
import io.guardbee.broker.policy.Decision;
import io.guardbee.broker.policy.Rights;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
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
final class SubscribeCheck
    implements SubscribeInboundInterceptor,
        UnsubscribeInboundInterceptor,
        SubackOutboundInterceptor {

  private static final Logger LOG = LoggerFactory.getLogger(SubscribeCheck.class);
  private static final int MOST_REASONS = 8;
  private static final int MOST_REFUSED = 500;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** What the counting of subscriptions needs. */
  record Limiting(SessionCheck sessions, Ledger ledger) {}

  /**
   * What a SUBACK tells.
   *
   * @param beyond the places of filters that go beyond a limit
   */
  private record Refusals(String reason, Set<Integer> beyond) {}

  private final LiveConnection connection;
  private final ClientContext context;
  private final Observer observer;
  private final Limiting limiting;
  private volatile @Nullable Map<Integer, Refusals> refusals; // most never need it

  SubscribeCheck(
      LiveConnection connection, ClientContext context, Observer observer, Limiting limiting) {
    this.connection = connection;
    this.context = context;
    this.observer = observer;
    this.limiting = limiting;
  }

  @Override
  public void onInboundSubscribe(SubscribeInboundInput input, SubscribeInboundOutput output) {
    if (connection.filters().isKnown()) {
      if (!check(output, endsByRefusal(input))) {
        // HiveMQ would write all reasons into one string, and fail when that is too long: a
        // time-out has it refuse the whole packet
        Async<SubscribeInboundOutput> unused =
            output.async(Duration.ofMillis(1), TimeoutFallback.FAILURE);
      }
      return;
    }
    boolean ends = endsByRefusal(input);
    Async<SubscribeInboundOutput> later = output.async(PATIENCE, TimeoutFallback.FAILURE);
    CompletableFuture<Void> unused =
        limiting
            .sessions()
            .learnFilters(connection)
            .thenRun(
                () -> {
                  if (check(later.getOutput(), ends)) {
                    later.resume();
                  }
                })
            .exceptionally(this::notLearnt);
  }

  /** MQTT 3.1 has no failure code in SUBACK: HiveMQ ends the connection instead. */
  private static boolean endsByRefusal(SubscribeInboundInput input) {
    return input.getConnectionInformation().getMqttVersion() == MqttVersion.V_3_1;
  }

  /** The time-out refuses the packet. */
  private @Nullable Void notLearnt(Throwable failure) {
    LOG.error("subscriptions of {} cannot be counted", connection.clientId(), failure);
    return null;
  }

  /**
   * Looks at each filter; false when so many are refused that the whole packet must be.
   *
   * @param ends whether a refusal ends the connection
   */
  private boolean check(SubscribeInboundOutput output, boolean ends) {
    Rights rights = Objects.requireNonNull(connection.rights(), "let in without rights");
    FilterLimits limits = new FilterLimits(connection.filters(), rights.limits().sessions());
    List<String> refused = new ArrayList<>();
    Map<Integer, FilterLimits.Excess> beyond = new TreeMap<>();
    int place = -1;
    for (ModifiableSubscription wanted : output.getSubscribePacket().getSubscriptions()) {
      place++;
      String filter = wanted.getTopicFilter();
      int qos = wanted.getQos().getQosNumber();
      Decision decision = rights.decideSubscribe(filter, qos);
      if (decision.why() == Decision.Why.MALFORMED && !filter.startsWith("$share/")) {
        continue; // HiveMQ ends the connection for it (MQTT 5 §4.7.1)
      }
      FilterLimits.Excess excess = decision.allowed() ? limits.count(filter) : null;
      if (excess != null) {
        beyond.put(place, excess);
      }
      if (decision.allowed() && excess == null) {
        observer.subscribe(connection, filter, qos);
      } else {
        if (excess == null) {
          limiting.ledger().refusedRequest(connection, "subscribe", filter, decision);
        }
        String why = excess == null ? decision.words() : excess.detail();
        refused.add(Quoted.of(filter) + " qos " + qos + ": " + why);
        wanted.setTopicFilter(Permissions.REFUSED_FILTER);
      }
    }
    if (!refused.isEmpty()) {
      tell(output.getSubscribePacket().getPacketId(), refused, beyond);
    }
    if (ends && !refused.isEmpty()) {
      tellEnd(refused.get(0), beyond);
    }
    boolean handedOn = refused.size() <= MOST_REFUSED;
    if (handedOn) {
      limits.keep();
    }
    return handedOn;
  }

  private void tell(int packetId, List<String> refused, Map<Integer, FilterLimits.Excess> beyond) {
    String shown = String.join("; ", refused.subList(0, Math.min(refused.size(), MOST_REASONS)));
    Reason reason = Reason.TOPIC_NOT_ALLOWED;
    if (!beyond.isEmpty()) {
      FilterLimits.Excess first = beyond.values().iterator().next();
      reason = first.reason();
      limiting
          .ledger()
          .limited(
              connection,
              "subscribe",
              new RefusedException(
                  reason, first.detail(), "subscribe to less, or raise it in the policy"));
    }
    keep(packetId, new Refusals(reason + ": " + shown, Set.copyOf(beyond.keySet())));
  }

  private void tellEnd(String refused, Map<Integer, FilterLimits.Excess> beyond) {
    Reason reason =
        beyond.isEmpty() ? Reason.TOPIC_NOT_ALLOWED : beyond.values().iterator().next().reason();
    RefusedException why =
        new RefusedException(
            reason,
            "SUBSCRIBE "
                + refused
                + "; MQTT 3.1 has no failure code in SUBACK, so the connection ends",
            "connect by MQTT 3.1.1 or 5, or subscribe to what the policy allows");
    limiting.ledger().ended(Ledger.Who.of(connection), why);
  }

  private void keep(int packetId, Refusals told) {
    Map<Integer, Refusals> kept = refusals; // HiveMQ handles one SUBSCRIBE of a client at a time
    if (kept == null) {
      kept = new ConcurrentHashMap<>();
      refusals = kept;
      context.addSubackOutboundInterceptor(this);
    }
    kept.put(packetId, told);
  }

  @Override
  public void onInboundUnsubscribe(UnsubscribeInboundInput input, UnsubscribeInboundOutput output) {
    connection.filters().remove(input.getUnsubscribePacket().getTopicFilters());
  }

  /** MQTT 5 §3.9.2.1.2: the reason string is for people who look for the fault. */
  @Override
  public void onOutboundSuback(SubackOutboundInput input, SubackOutboundOutput output) {
    Map<Integer, Refusals> kept = refusals;
    Refusals told =
        kept == null ? null : kept.remove(input.getSubackPacket().getPacketIdentifier());
    if (told != null) {
      output.getSubackPacket().setReasonString(told.reason());
      output.getSubackPacket().setReasonCodes(codes(output, told.beyond()));
    }
  }

  private static List<SubackReasonCode> codes(SubackOutboundOutput output, Set<Integer> beyond) {
    List<SubackReasonCode> codes = new ArrayList<>(output.getSubackPacket().getReasonCodes());
    for (int place = 0; place < codes.size(); place++) {
      SubackReasonCode code = codes.get(place);
      if (beyond.contains(place) && (code == NOT_AUTHORIZED || code == UNSPECIFIED_ERROR)) {
        codes.set(place, QUOTA_EXCEEDED); // MQTT 5 §3.9.3
      } else if (code == UNSPECIFIED_ERROR) {
        codes.set(place, NOT_AUTHORIZED);
      }
    }
    return codes;
  }
}
