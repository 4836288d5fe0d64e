package io.guardbee.broker.door;

import com.hivemq.extension.sdk.api.client.ClientContext;
import com.hivemq.extension.sdk.api.interceptor.publish.PublishOutboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishOutboundInput;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishOutboundOutput;
import com.hivemq.extension.sdk.api.packets.publish.PublishPacket;
import io.guardbee.broker.policy.Rights;
import io.guardbee.pki.Quoted;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps messages that were queued by rights of before from being delivered by those of now. It
 * withdraws once what was queued before it came is through: a session's queue is in order, apart
 * from QoS 0, which is not kept for who is away.
 */
final class DeliveryCheck implements PublishOutboundInterceptor {

  private static final Logger LOG = LoggerFactory.getLogger(DeliveryCheck.class);

  /** More than the clocks of a cluster's nodes may differ, and than a SUBSCRIBE is on its way. */
  private static final Duration SLACK = Duration.ofSeconds(10);

  private final LiveConnection connection;
  private final ClientContext context;
  private final long newFrom;
  private volatile Deliveries deliveries = Deliveries.NONE;

  DeliveryCheck(LiveConnection connection, ClientContext context, Instant now) {
    this.connection = connection;
    this.context = context;
    this.newFrom = now.plus(SLACK).toEpochMilli();
  }

  @Override
  public void onOutboundPublish(PublishOutboundInput input, PublishOutboundOutput output) {
    PublishPacket message = input.getPublishPacket();
    Rights rights = connection.rights();
    if (rights == null || connection.isDisarmed() || !allowed(rights, message.getTopic())) {
      LOG.info(
          "not delivered to {}: {} is no longer allowed",
          connection.visitor().name(),
          Quoted.of(message.getTopic()));
      output.preventPublishDelivery();
    } else if (message.getQos().getQosNumber() > 0 && message.getTimestamp() > newFrom) {
      context.removePublishOutboundInterceptor(this);
    }
  }

  private boolean allowed(Rights rights, String topic) {
    Deliveries known = deliveries;
    if (!known.areBy(rights)) {
      known = Deliveries.by(rights);
      deliveries = known;
    }
    return known.include(topic);
  }
}
