package io.guardbee.broker;

import io.guardbee.testing.PatientWaiting;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** A device with a real MQTT 5 client. */
final class Device implements AutoCloseable, MqttCallback {

  private static final long PATIENCE = PatientWaiting.PATIENCE.toMillis();

  /** MQTT 5 §2.4: from here on, reason codes are failures; below, such as "nobody listens". */
  private static final int REFUSED = 0x80;

  private final MqttAsyncClient client;
  private final MqttConnectionOptions options = new MqttConnectionOptions();
  private final List<String> received = new CopyOnWriteArrayList<>();
  private final CountDownLatch lost = new CountDownLatch(1);
  private volatile int lostReason = -1;
  private volatile long lostAt;
  private volatile boolean sessionPresent;

  private Device(String clientId, SSLContext tls, String url) throws MqttException {
    client = new MqttAsyncClient(url, clientId, new MemoryPersistence());
    client.setCallback(this);
    options.setSocketFactory(tls.getSocketFactory());
    options.setAutomaticReconnect(false);
    options.setCleanStart(true);
    options.setKeepAliveInterval(20);
  }

  static Device connect(String clientId, SSLContext tls, int port) throws MqttException {
    return connect(clientId, tls, port, options -> {});
  }

  /** Connects, or fails with the reason code that the broker gave. */
  static Device connect(
      String clientId, SSLContext tls, int port, Consumer<MqttConnectionOptions> shape)
      throws MqttException {
    return connect(clientId, tls, "ssl://localhost:" + port, shape);
  }

  /** The same for any address, such as {@code wss://localhost:8884/mqtt}. */
  static Device connect(
      String clientId, SSLContext tls, String url, Consumer<MqttConnectionOptions> shape)
      throws MqttException {
    Device device = new Device(clientId, tls, url);
    shape.accept(device.options);
    try {
      IMqttToken token = device.client.connect(device.options);
      token.waitForCompletion(PATIENCE);
      device.sessionPresent = token.getSessionPresent();
      return device;
    } catch (MqttException e) {
      device.client.close(true);
      throw e;
    }
  }

  /**
   * Publishes with QoS 1; 0 when the broker took it, else the reason code: Paho does not throw a
   * refusal.
   */
  int publish(String topic) throws MqttException {
    IMqttToken token = client.publish(topic, "hello".getBytes(StandardCharsets.UTF_8), 1, false);
    token.waitForCompletion(PATIENCE);
    int[] codes = token.getReasonCodes();
    boolean taken = codes == null || codes.length == 0 || codes[0] < REFUSED;
    return taken ? 0 : codes[0];
  }

  /** Has the broker retain a message, with QoS 1. */
  void retain(String topic) throws MqttException {
    client
        .publish(topic, "hello".getBytes(StandardCharsets.UTF_8), 1, true)
        .waitForCompletion(PATIENCE);
  }

  /** Publishes what the broker may answer by ending the connection. */
  void publishAnyway(String topic, int qos, boolean retained) throws MqttException {
    client.publish(topic, "hello".getBytes(StandardCharsets.UTF_8), qos, retained);
  }

  int subscribe(String filter) throws MqttException {
    IMqttToken token = client.subscribe(new MqttSubscription(filter, 1));
    try {
      token.waitForCompletion(PATIENCE);
    } catch (MqttException e) {
      return e.getReasonCode();
    }
    int[] codes = token.getReasonCodes();
    return codes == null || codes.length == 0 ? -1 : codes[0];
  }

  List<String> received() {
    return received;
  }

  boolean sessionPresent() {
    return sessionPresent;
  }

  boolean isConnected() {
    return client.isConnected();
  }

  /** Waits until the broker ends the connection; the time of it by {@link System#nanoTime}. */
  long awaitLost() {
    try {
      if (!lost.await(PATIENCE, TimeUnit.MILLISECONDS)) {
        throw new AssertionError("still connected");
      }
      return lostAt;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  int lostReason() {
    awaitLost();
    return lostReason;
  }

  /** Leaves politely. */
  void disconnect() throws MqttException {
    client.disconnect().waitForCompletion(PATIENCE);
  }

  @Override
  public void close() {
    try {
      if (client.isConnected()) {
        client.disconnectForcibly(0, 0, false);
      }
      client.close(true);
    } catch (MqttException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void disconnected(MqttDisconnectResponse response) {
    lostAt = System.nanoTime();
    lostReason = response.getReturnCode();
    lost.countDown();
  }

  @Override
  public void messageArrived(String topic, MqttMessage message) {
    received.add(topic);
  }

  @Override
  public void mqttErrorOccurred(MqttException exception) {}

  @Override
  public void deliveryComplete(IMqttToken token) {}

  @Override
  public void connectComplete(boolean reconnect, String serverUri) {}

  @Override
  public void authPacketArrived(int reasonCode, MqttProperties properties) {}
}
