package io.guardbee.broker.door;

import com.hivemq.extension.sdk.api.events.client.ClientLifecycleEventListener;
import com.hivemq.extension.sdk.api.events.client.parameters.AuthenticationSuccessfulInput;
import com.hivemq.extension.sdk.api.events.client.parameters.ConnectionStartInput;
import com.hivemq.extension.sdk.api.events.client.parameters.DisconnectEventInput;

/** Sees connections off, whichever way they end. */
final class Departures implements ClientLifecycleEventListener {

  private final LiveConnections live;

  Departures(LiveConnections live) {
    this.live = live;
  }

  @Override
  public void onMqttConnectionStart(ConnectionStartInput input) {}

  @Override
  public void onAuthenticationSuccessful(AuthenticationSuccessfulInput input) {}

  @Override
  public void onDisconnect(DisconnectEventInput input) {
    input
        .getConnectionInformation()
        .getConnectionAttributeStore()
        .getAsString(ConnectCheck.NUMBER)
        .ifPresent(number -> live.unregister(Long.parseLong(number)));
  }
}
