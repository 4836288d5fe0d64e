package io.guardbee.broker.door;

import com.hivemq.extension.sdk.api.client.parameter.ConnectionInformation;
import com.hivemq.extension.sdk.api.interceptor.connack.ConnackOutboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.connack.parameter.ConnackOutboundInput;
import com.hivemq.extension.sdk.api.interceptor.connack.parameter.ConnackOutboundOutput;
import com.hivemq.extension.sdk.api.interceptor.connect.ConnectInboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.connect.parameter.ConnectInboundInput;
import com.hivemq.extension.sdk.api.interceptor.connect.parameter.ConnectInboundOutput;
import com.hivemq.extension.sdk.api.packets.connack.ModifiableConnackPacket;
import com.hivemq.extension.sdk.api.packets.general.MqttVersion;
import com.hivemq.extension.sdk.api.packets.publish.ModifiableConnectPacket;
import io.guardbee.broker.policy.Limits;
import io.guardbee.pki.RefusedException;
import java.lang.reflect.Field;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lowers the session expiry interval of each CONNECT to what the rule of its certificate allows,
 * before HiveMQ stores it, and tells it in the CONNACK (MQTT 5 §3.2.2.3.2). Thread-safe.
 */
record SessionExpiry(Door door) implements ConnectInboundInterceptor, ConnackOutboundInterceptor {

  private static final Logger LOG = LoggerFactory.getLogger(SessionExpiry.class);

  /** Where a connection carries what its interval was lowered to. */
  private static final String LOWERED = "guardbee.session-expiry";

  /** HiveMQ's interceptors may not set this property of a CONNACK; its packet has it in a field. */
  private static final String FIELD = "sessionExpiryInterval";

  private static final String USER_PROPERTY = "session-expiry-interval";

  @Override
  public void onConnect(ConnectInboundInput input, ConnectInboundOutput output) {
    ModifiableConnectPacket connect = output.getConnectPacket();
    if (connect.getSessionExpiryInterval() == 0) {
      return; // the session ends with its connection
    }
    ConnectionInformation information = input.getConnectionInformation();
    try {
      Limits limits = door.limitsOf(ConnectCheck.certificateOf(information));
      lower(connect, information, limits.sessions().expiry().toSeconds());
    } catch (RefusedException e) {
      LOG.debug("left to the check of the CONNECT: {}", e.line());
    }
  }

  private static void lower(
      ModifiableConnectPacket connect, ConnectionInformation information, long most) {
    if (connect.getSessionExpiryInterval() <= most) {
      return;
    }
    try {
      connect.setSessionExpiryInterval(most);
    } catch (IllegalArgumentException e) {
      return; // HiveMQ's own bound is lower: it lowers the interval, and tells it
    }
    if (information.getMqttVersion() == MqttVersion.V_5) {
      information.getConnectionAttributeStore().putAsString(LOWERED, Long.toString(most));
    }
  }

  @Override
  public void onOutboundConnack(ConnackOutboundInput input, ConnackOutboundOutput output) {
    input
        .getConnectionInformation()
        .getConnectionAttributeStore()
        .getAsString(LOWERED)
        .ifPresent(seconds -> tell(output.getConnackPacket(), seconds));
  }

  private static void tell(ModifiableConnackPacket connack, String seconds) {
    if (connack.getReasonCode().name().equals("SUCCESS")) {
      connack.getUserProperties().addUserProperty(USER_PROPERTY, seconds);
      try {
        Field field = connack.getClass().getDeclaredField(FIELD);
        field.setAccessible(true);
        field.setLong(connack, Long.parseLong(seconds));
      } catch (ReflectiveOperationException | RuntimeException e) {
        LOG.debug("this HiveMQ tells it as a user property only", e);
      }
    }
  }
}
