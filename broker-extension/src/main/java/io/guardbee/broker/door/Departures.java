package io.guardbee.broker.door;

import com.hivemq.extension.sdk.api.events.client.ClientLifecycleEventListener;
import com.hivemq.extension.sdk.api.events.client.parameters.AuthenticationSuccessfulInput;
import com.hivemq.extension.sdk.api.events.client.parameters.ConnectionStartInput;
import com.hivemq.extension.sdk.api.events.client.parameters.DisconnectEventInput;
import com.hivemq.extension.sdk.api.events.client.parameters.ServerInitiatedDisconnectInput;
import com.hivemq.extension.sdk.api.packets.general.DisconnectedReasonCode;
import java.util.OptionalLong;

/** Sees connections off, whichever way they end. */
final class Departures implements ClientLifecycleEventListener {

  private final LiveConnections live;
  private final Ledger ledger;

  Departures(LiveConnections live, Ledger ledger) {
    this.live = live;
    this.ledger = ledger;
  }

  @Override
  public void onMqttConnectionStart(ConnectionStartInput input) {}

  @Override
  public void onAuthenticationSuccessful(AuthenticationSuccessfulInput input) {}

  @Override
  public void onServerInitiatedDisconnect(ServerInitiatedDisconnectInput input) {
    noteRefusedPublish(input);
    onDisconnect(input);
  }

  private void noteRefusedPublish(ServerInitiatedDisconnectInput input) {
    DisconnectedReasonCode code = input.getReasonCode().orElse(null);
    String reason = input.getReasonString().orElse(null);
    OptionalLong number = number(input);
    if (code == null || reason == null || number.isEmpty()) {
      return;
    }
    LiveConnection connection = live.numbered(number.getAsLong());
    RefusedPublish refused = RefusedPublish.of(code, reason);
    if (connection != null && refused != null) {
      ledger.refusedRequest(
          connection, "publish", refused.topic(), refused.decision(connection.rights()));
    }
  }

  @Override
  public void onDisconnect(DisconnectEventInput input) {
    number(input).ifPresent(live::unregister);
  }

  private static OptionalLong number(DisconnectEventInput input) {
    return input
        .getConnectionInformation()
        .getConnectionAttributeStore()
        .getAsString(ConnectCheck.NUMBER)
        .map(number -> OptionalLong.of(Long.parseLong(number)))
        .orElse(OptionalLong.empty());
  }
}
