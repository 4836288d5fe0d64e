package io.guardbee.agent.mqtt;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.net.URI;
import javax.net.ssl.SSLContext;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;

/**
 * One connection of one device to its broker, which keeps the session when the connection ends.
 * Never reconnects by itself. Thread-safe; its methods wait for the broker's answer.
 */
public final class MqttConnection implements AutoCloseable {

  private static final int CONNECT_SECONDS = 10;
  private static final int KEEP_ALIVE_SECONDS = 30;
  private static final long ANSWER_MILLIS = 10_000;
  private static final long SESSION_SECONDS = 7 * 24 * 3600L;

  private final Settings settings;
  private final MqttAsyncClient client;
  private boolean sessionPresent;

  /**
   * Where and as whom to connect.
   *
   * @param broker {@code ssl://host:port}
   * @param tls proves the device and checks the broker
   * @param receives whether messages that wait in the session are taken; when false they stay there
   *     for the next connection
   */
  public record Settings(URI broker, String clientId, SSLContext tls, boolean receives) {}

  /**
   * What happens on the connection. Called on its thread: must return soon, and not wait for it.
   */
  public interface Listener {

    void received(String topic, byte[] payload);

    /** The connection ended without {@link #close}. Called at most once. */
    void lost(RefusedException why);
  }

  private MqttConnection(Settings settings, Listener listener) throws MqttException {
    this.settings = settings;
    URI broker = settings.broker();
    this.client =
        new MqttAsyncClient(
            DoorModuleFactory.SCHEME + "://" + broker.getRawAuthority(),
            settings.clientId(),
            new MemoryPersistence());
    client.setManualAcks(!settings.receives());
    client.setCallback(new Callbacks(broker.toString(), listener));
  }

  /**
   * Connects.
   *
   * @throws RefusedException with the broker's reason; {@link Reason#SERVICE_UNREACHABLE} when
   *     trying again soon is worth it
   */
  public static MqttConnection open(Settings settings, Listener listener) {
    try {
      MqttConnection connection = new MqttConnection(settings, listener);
      connection.connect();
      return connection;
    } catch (MqttException e) {
      throw Refusal.connection(settings.broker().toString(), e);
    }
  }

  private void connect() throws MqttException {
    MqttConnectionOptions options = new MqttConnectionOptions();
    options.setSocketFactory(settings.tls().getSocketFactory());
    options.setCleanStart(false);
    options.setSessionExpiryInterval(SESSION_SECONDS);
    options.setConnectionTimeout(CONNECT_SECONDS);
    options.setKeepAliveInterval(KEEP_ALIVE_SECONDS);
    options.setAutomaticReconnect(false);
    try {
      IMqttToken answer = client.connect(options);
      answer.waitForCompletion(2 * ANSWER_MILLIS);
      sessionPresent = answer.getSessionPresent();
    } catch (MqttException e) {
      abandon();
      throw e;
    }
  }

  /** Whether the broker still held the session of an earlier connection. */
  public boolean sessionPresent() {
    return sessionPresent;
  }

  /**
   * Publishes; with QoS 1 or 2 returns when the broker has taken the message, with QoS 0 when it is
   * sent.
   *
   * @throws RefusedException {@link Reason#TOPIC_NOT_ALLOWED} when the broker refuses the topic
   */
  public void publish(Message message) {
    MqttMessage sent =
        new MqttMessage(message.payload(), message.qos(), false, new MqttProperties());
    await(message.topic(), () -> client.publish(message.topic(), sent));
  }

  /**
   * Subscribes with QoS 1.
   *
   * @throws RefusedException {@link Reason#TOPIC_NOT_ALLOWED} when the broker refuses the filter
   */
  public void subscribe(String filter) {
    await(filter, () -> client.subscribe(filter, 1));
  }

  private interface Request {
    IMqttToken send() throws MqttException;
  }

  /** A refusal comes as a reason code in the answer, which Paho does not throw. */
  private void await(String topic, Request request) {
    try {
      IMqttToken answer = request.send();
      answer.waitForCompletion(ANSWER_MILLIS);
      int[] codes = answer.getReasonCodes();
      int last = codes == null || codes.length == 0 ? 0 : codes[codes.length - 1];
      if (last >= ReasonCode.FAILED) {
        throw Refusal.topic(topic, last, reasonString(answer));
      }
    } catch (IllegalArgumentException e) {
      throw Refusal.topic(topic, 0x90, e.getMessage()); // wildcards, NUL, too long
    } catch (MqttException e) {
      if (e.getReasonCode() == ReasonCode.NOT_AUTHORIZED) {
        throw Refusal.topic(topic, e.getReasonCode(), null); // QoS 2: refused in PUBREC
      }
      throw Refusal.connection(settings.broker().toString(), e);
    }
  }

  private static @Nullable String reasonString(IMqttToken answer) {
    MqttProperties properties = answer.getResponseProperties();
    return properties == null ? null : properties.getReasonString();
  }

  /** Says goodbye and closes; the broker keeps the session. */
  @Override
  public void close() {
    try {
      if (client.isConnected()) {
        client.disconnect().waitForCompletion(ANSWER_MILLIS);
      }
    } catch (MqttException e) {
      // the connection is gone already, which is what was wanted
    }
    abandon();
  }

  private void abandon() {
    try {
      client.disconnectForcibly(0, 0, false);
    } catch (MqttException e) {
      // was not connected
    }
    try {
      client.close(true);
    } catch (MqttException e) {
      // nothing is left open: the socket is closed
    }
  }
}
