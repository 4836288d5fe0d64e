package io.guardbee.agent.device;

import io.guardbee.agent.key.DeviceKey;
import io.guardbee.agent.key.KeyPlace;
import io.guardbee.agent.mqtt.Message;
import io.guardbee.agent.mqtt.MqttConnection;
import io.guardbee.agent.mqtt.MqttConnection.Listener;
import io.guardbee.agent.state.Enrolment;
import io.guardbee.agent.state.StateStore;
import io.guardbee.agent.trust.ClientIdentity;
import io.guardbee.agent.trust.ServerTrust;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;

/**
 * An enrolled device, for programs that embed the agent:
 *
 * <pre>{@code
 * try (DeviceAgent agent = DeviceAgent.open(home, new DeviceId("d-1"))) {
 *   agent.run(Duration.ofSeconds(30), (topic, payload) -> act(payload));
 * }
 * }</pre>
 *
 * <p>Thread-safe. Every refusal is a {@link RefusedException} with a reason and a next step.
 */
public final class DeviceAgent implements AutoCloseable {

  private final StateStore store;
  private final DeviceKey key;
  private final InstantSource clock;
  private final Enroller enroller;
  private final RunLoop loop;
  private volatile Enrolment enrolment;

  private DeviceAgent(
      StateStore store, Enrolment enrolment, InstantSource clock, RandomGenerator random) {
    this.store = store;
    this.enrolment = enrolment;
    this.clock = clock;
    this.enroller = new Enroller(store, clock);
    this.key = KeyPlace.parse(enrolment.key()).require(enrolment.deviceId());
    this.loop = new RunLoop(this, random);
  }

  /** Enrols a device; what it then holds is on the disk. */
  public static Enrolment enroll(Path home, EnrolRequest request) {
    StateStore store = new StateStore(home, request.deviceId());
    return new Enroller(store, Clock.systemUTC()).enroll(request);
  }

  /**
   * Opens an enrolled device.
   *
   * @param home the directory that {@link #enroll} was given
   * @throws RefusedException {@link Reason#DEVICE_UNKNOWN} when it is not enrolled there
   */
  public static DeviceAgent open(Path home, DeviceId id) {
    return open(home, id, Clock.systemUTC(), new SecureRandom());
  }

  /** Opens an enrolled device with a clock and a source of jitter of the caller's. */
  public static DeviceAgent open(
      Path home, DeviceId id, InstantSource clock, RandomGenerator random) {
    StateStore store = new StateStore(home, id);
    DeviceAgent agent = new DeviceAgent(store, enrolled(store, id), clock, random);
    agent.checkPair();
    return agent;
  }

  static Enrolment enrolled(StateStore store, DeviceId id) {
    return store
        .read()
        .orElseThrow(
            () ->
                new RefusedException(
                    Reason.DEVICE_UNKNOWN,
                    id + " is not enrolled in " + store.directory(),
                    "run guardbee agent enroll --id " + id));
  }

  private void checkPair() {
    if (!enrolment.certificate().getPublicKey().equals(key.publicKey())) {
      key.close();
      throw new RefusedException(
          Reason.KEY_MISSING,
          "the key at " + key + " is not the one of the certificate in " + store.directory(),
          "restore it, or remove that directory and enrol again");
    }
  }

  /**
   * Stays connected until {@link #stop}: heartbeats, commands, reconnecting, renewing.
   *
   * @param heartbeat how often the device tells that it lives
   * @param commands takes the topic and the payload of each command; must return soon
   */
  public void run(Duration heartbeat, BiConsumer<String, byte[]> commands) {
    run(enrolment.deviceId().value(), heartbeat, commands);
  }

  /** Like {@link #run(Duration, BiConsumer)} with another client id that the policy allows. */
  public void run(String clientId, Duration heartbeat, BiConsumer<String, byte[]> commands) {
    loop.run(clientId, heartbeat, commands);
  }

  /** Ends {@link #run} with a clean goodbye. */
  public void stop() {
    loop.stop();
  }

  /**
   * Publishes one message: through the process that {@link #run}s the device where there is one,
   * else on a connection of its own, on which messages that wait for the device stay waiting.
   *
   * @throws RefusedException {@link Reason#TOPIC_NOT_ALLOWED} when the policy forbids the topic
   */
  public static void publish(Path home, DeviceId id, String clientId, Message message) {
    if (Hatch.pass(new StateStore(home, id).directory(), message)) {
      return;
    }
    try (DeviceAgent agent = open(home, id);
        MqttConnection connection = agent.connect(clientId, false, new Unheard())) {
      connection.publish(message);
    }
  }

  /**
   * Connects to the broker with the device id as client id.
   *
   * @param receives whether messages that wait for the device are taken, or left waiting
   */
  public MqttConnection connect(boolean receives, Listener listener) {
    return connect(enrolment.deviceId().value(), receives, listener);
  }

  /** Connects to the broker with another client id that the policy allows this device. */
  public MqttConnection connect(String clientId, boolean receives, Listener listener) {
    return MqttConnection.open(
        new MqttConnection.Settings(enrolment.broker(), clientId, tls(), receives), listener);
  }

  /** TLS with a broker as this device, believing the brokers of its root. */
  public SSLContext tls() {
    ServerTrust trust = new ServerTrust(enrolment.root());
    return trust.broker(new ClientIdentity(key.privateKey(), enrolment.chain()));
  }

  /** Replaces the certificate now. */
  public synchronized Enrolment renew() {
    enrolment = enroller.renew(enrolment, key);
    return enrolment;
  }

  /** Takes up a certificate that another process of this device has got by now. */
  synchronized void reload() {
    enrolment = enrolled(store, enrolment.deviceId());
  }

  public Enrolment enrolment() {
    return enrolment;
  }

  StateStore store() {
    return store;
  }

  InstantSource clock() {
    return clock;
  }

  @Override
  public void close() {
    stop();
    key.close();
  }

  /** For a connection that only publishes. */
  private record Unheard() implements Listener {
    @Override
    public void received(String topic, byte[] payload) {
      // stays in the session for the connection that takes commands
    }

    @Override
    public void lost(RefusedException why) {
      // publish itself fails with that reason
    }
  }
}
