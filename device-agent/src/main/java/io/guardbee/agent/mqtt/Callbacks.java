package io.guardbee.agent.mqtt;

import io.guardbee.agent.mqtt.MqttConnection.Listener;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** Paho's callbacks, as far as a device cares. */
final class Callbacks implements MqttCallback {

  private final String broker;
  private final Listener listener;
  private final AtomicBoolean ended = new AtomicBoolean();

  Callbacks(String broker, Listener listener) {
    this.broker = broker;
    this.listener = listener;
  }

  @Override
  public void disconnected(MqttDisconnectResponse end) {
    if (ended.getAndSet(true)) {
      return;
    }
    MqttException cause = end.getException();
    listener.lost(
        cause == null
            ? Refusal.ended(broker, end.getReturnCode(), end.getReasonString())
            : Refusal.connection(broker, cause));
  }

  @Override
  public void messageArrived(String topic, MqttMessage message) {
    listener.received(topic, message.getPayload());
  }

  @Override
  public void mqttErrorOccurred(MqttException failure) {
    // every failure that matters also ends the connection
  }

  @Override
  public void deliveryComplete(IMqttToken token) {
    // publish waits for its answer itself
  }

  @Override
  public void connectComplete(boolean reconnect, String server) {
    // open waits for it
  }

  @Override
  public void authPacketArrived(int code, MqttProperties properties) {
    // enhanced authentication is not offered, so none can arrive
  }
}
