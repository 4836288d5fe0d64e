package io.guardbee.broker.door;

import com.hivemq.extension.sdk.api.interceptor.disconnect.DisconnectInboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.disconnect.parameter.DisconnectInboundInput;
import com.hivemq.extension.sdk.api.interceptor.disconnect.parameter.DisconnectInboundOutput;
import com.hivemq.extension.sdk.api.packets.disconnect.ModifiableInboundDisconnectPacket;
import com.hivemq.extension.sdk.api.packets.general.MqttVersion;
import io.guardbee.broker.policy.Rights;

/**
 * Keeps a DISCONNECT from asking for a longer session than the rule allows (MQTT 5 §3.14.2.2.2),
 * and applies what a policy lowered while the client was connected. It is there for each
 * connection: without it HiveMQ acts on a DISCONNECT before it has decided on a PUBLISH that came
 * with it, and drops a forbidden one without a word, so that nothing would be counted.
 */
record DisconnectExpiry(LiveConnection connection) implements DisconnectInboundInterceptor {

  @Override
  public void onInboundDisconnect(DisconnectInboundInput input, DisconnectInboundOutput output) {
    Rights rights = connection.rights();
    if (rights == null
        || connection.sessionExpiry() == 0
        || input.getConnectionInformation().getMqttVersion() != MqttVersion.V_5) {
      return;
    }
    long most = rights.limits().sessions().expiry().toSeconds();
    ModifiableInboundDisconnectPacket disconnect = output.getDisconnectPacket();
    if (disconnect.getSessionExpiryInterval().orElse(connection.sessionExpiry()) > most) {
      try {
        disconnect.setSessionExpiryInterval(most);
      } catch (IllegalArgumentException e) {
        return; // HiveMQ's own bound is lower
      }
    }
  }
}
