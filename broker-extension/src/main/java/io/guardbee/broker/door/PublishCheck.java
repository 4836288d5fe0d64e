package io.guardbee.broker.door;

import com.hivemq.extension.sdk.api.client.parameter.ConnectionInformation;
import com.hivemq.extension.sdk.api.interceptor.publish.PublishInboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishInboundInput;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishInboundOutput;
import com.hivemq.extension.sdk.api.packets.general.MqttVersion;
import com.hivemq.extension.sdk.api.packets.general.Qos;
import com.hivemq.extension.sdk.api.packets.publish.AckReasonCode;
import com.hivemq.extension.sdk.api.packets.publish.PublishPacket;
import io.guardbee.broker.policy.Decision;
import io.guardbee.broker.policy.Rights;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.nio.Buffer;

/**
 * Looks at each PUBLISH of one connection whose rule limits rates, or has a permission that HiveMQ
 * reads otherwise, or while a policy is under observation. All else is HiveMQ's default
 * permissions.
 */
final class PublishCheck implements PublishInboundInterceptor {

  private final LiveConnection connection;
  private final Meter meter;
  private final Observer observer;
  private final Ledger ledger;

  PublishCheck(LiveConnection connection, Meter meter, Observer observer, Ledger ledger) {
    this.connection = connection;
    this.meter = meter;
    this.observer = observer;
    this.ledger = ledger;
  }

  /** Whether those rights need this check, apart from any observation. */
  static boolean isNeededBy(Rights rights) {
    return Meter.isNeededBy(rights) || !Permissions.areExact(rights);
  }

  @Override
  public void onInboundPublish(PublishInboundInput input, PublishInboundOutput output) {
    PublishPacket publish = input.getPublishPacket();
    Rights rights = connection.rights();
    if (rights == null) {
      output.preventPublishDelivery(AckReasonCode.NOT_AUTHORIZED, "no rights");
      return;
    }
    if (!Permissions.areExact(rights) && !isAllowed(rights, publish, output)) {
      return;
    }
    int size = publish.getPayload().map(Buffer::remaining).orElse(0);
    RefusedException excess = meter.excess(connection, rights.limits(), size);
    if (excess != null) {
      refuse(input.getConnectionInformation(), publish.getQos(), output, excess);
      return;
    }
    observer.publish(
        connection, publish.getTopic(), publish.getQos().getQosNumber(), publish.getRetain());
  }

  private boolean isAllowed(Rights rights, PublishPacket publish, PublishInboundOutput output) {
    int qos = publish.getQos().getQosNumber();
    Decision decision = rights.decidePublish(publish.getTopic(), qos, publish.getRetain());
    if (!decision.allowed()) {
      ledger.refusedRequest(connection, "publish", publish.getTopic(), decision);
      output.preventPublishDelivery(
          AckReasonCode.NOT_AUTHORIZED,
          Reason.TOPIC_NOT_ALLOWED
              + ": "
              + Quoted.of(publish.getTopic())
              + ": "
              + decision.words());
    }
    return decision.allowed();
  }

  /**
   * MQTT 5 has a word for it where there is an acknowledgement (§3.4.2.1 "quota exceeded"), and the
   * client may stay; where there is none, it hears of it by the end of its connection.
   */
  private void refuse(
      ConnectionInformation information,
      Qos qos,
      PublishInboundOutput output,
      RefusedException excess) {
    boolean acknowledged =
        information.getMqttVersion() == MqttVersion.V_5 && qos != Qos.AT_MOST_ONCE;
    output.preventPublishDelivery(AckReasonCode.QUOTA_EXCEEDED, excess.line());
    if (acknowledged) {
      meter.tell(connection, excess);
    } else {
      meter.end(connection, excess);
    }
  }
}
