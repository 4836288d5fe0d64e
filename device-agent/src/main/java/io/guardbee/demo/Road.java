package io.guardbee.demo;

import io.guardbee.agent.device.DeviceAgent;
import io.guardbee.agent.mqtt.Message;
import io.guardbee.agent.mqtt.MqttConnection;
import io.guardbee.launch.Guardbee;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.probe.Probe;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;

/** The way of one device from its grant to its end, each step told and checked. */
final class Road {

  private static final int NOT_AUTHORIZED = 0x87; // MQTT 5 §2.4

  private final Transcript transcript;
  private final InstantSource clock;
  private final Participant device;
  private final Participant listener;

  Road(Guardbee guardbee, Transcript transcript, InstantSource clock, String suffix) {
    this.transcript = transcript;
    this.clock = clock;
    this.device = new Participant(guardbee, new DeviceId("demo-" + suffix), "sensor");
    this.listener = new Participant(guardbee, new DeviceId("demo-app-" + suffix), "application");
  }

  /** Walks it; throws {@link Transcript.Failed} where it does not go as told. */
  void walk() throws IOException {
    try {
      transcript.step("grant", device::grant);
      transcript.step("key", device::makeKey);
      transcript.step("enrol", device::enroll);
      transcript.step("listener", this::enrollListener);
      try (DeviceAgent agent = device.open();
          DeviceAgent application = listener.open()) {
        live(agent, application);
      }
    } finally {
      device.vanish();
      listener.vanish();
    }
  }

  private String enrollListener() {
    listener.grant();
    listener.makeKey();
    listener.enroll();
    return "a second client, " + listener.id() + " (application), is enrolled the same way";
  }

  private void live(DeviceAgent agent, DeviceAgent application) {
    SSLContext remembering = agent.tls();
    transcript.step("resume", () -> resumeOnce(remembering, broker(agent)));
    Ears ears = new Ears();
    try (MqttConnection back = application.connect(listener.id() + "/demo", true, ears)) {
      back.subscribe("devices/+/telemetry/#");
      try (MqttConnection own = connected(agent)) {
        transcript.step("publish", () -> publish(own, ears));
        transcript.step("refuse", () -> refuse(own));
      }
      transcript.step("revoke", () -> revoke(agent));
      transcript.step("reconnect", () -> reconnect(agent));
      transcript.step("resume", () -> resumeRevoked(remembering, broker(agent)));
    }
  }

  private MqttConnection connected(DeviceAgent agent) {
    MqttConnection[] own = new MqttConnection[1];
    transcript.step(
        "connect",
        () -> {
          own[0] = agent.connect(true, new Ears());
          return "mutual TLS to " + broker(agent) + " with the key in the token";
        });
    return own[0];
  }

  private static URI broker(DeviceAgent agent) {
    return agent.enrolment().broker();
  }

  /** Holds a session that is good for one more connection, and shows that the broker resumes. */
  private String resumeOnce(SSLContext tls, URI broker) throws IOException {
    try (Probe first = Probe.open(tls, broker, clock.millis())) {
      require(!first.resumed(), "the first handshake was not a full one");
      require(first.connect(device.id().value()) == 0, "the device was not let in");
    }
    try (Probe second = Probe.open(tls, broker, clock.millis())) {
      require(second.resumed(), "the broker does not resume TLS sessions");
      require(second.connect(device.id().value()) == 0, "the device was not let in");
      return second.protocol() + " session resumed; kept for later";
    }
  }

  private String publish(MqttConnection own, Ears ears) throws InterruptedException {
    String topic = "devices/" + device.id() + "/telemetry/temperature";
    own.publish(new Message(topic, new byte[] {'2', '1'}, 1));
    ears.awaitMessage(topic + " 21");
    return topic + ", received by " + listener.id();
  }

  private static String refuse(MqttConnection connection) {
    String topic = "devices/another/telemetry/temperature";
    RefusedException no =
        refused(() -> connection.publish(new Message(topic, new byte[] {'2', '1'}, 1)));
    require(no.reason() == Reason.TOPIC_NOT_ALLOWED, no.line());
    return no.detail();
  }

  /** On a connection of its own: a broker may end the one on which a topic was refused. */
  private String revoke(DeviceAgent agent) throws InterruptedException {
    Ears ears = new Ears();
    try (MqttConnection live = agent.connect(true, ears)) {
      live.publish(new Message("devices/" + device.id() + "/telemetry/last", new byte[0], 1));
      long start = System.nanoTime();
      JsonNode receipt = device.revoke();
      Ears.End end = ears.awaitEnd();
      long cutOff = TimeUnit.NANOSECONDS.toMillis(end.nanoTime() - start);
      transcript.say("  receipt    " + receipt);
      require(receipt.path("sessionsEnded").asInt() == 1, "the receipt tells of no ended session");
      return "connection ended "
          + cutOff
          + " ms after the command was typed, "
          + receipt.path("elapsedMs").asLong()
          + " ms in the service: "
          + end.why().detail();
    }
  }

  private static String reconnect(DeviceAgent agent) {
    RefusedException no = refused(() -> agent.connect(true, new Ears()).close());
    require(no.reason() != Reason.SERVICE_UNREACHABLE, no.line());
    return no.detail();
  }

  private String resumeRevoked(SSLContext tls, URI broker) throws IOException {
    try (Probe probe = Probe.open(tls, broker, clock.millis())) {
      require(probe.resumed(), "the handshake was not a resumed one, so it shows nothing");
      int code = probe.connect(device.id().value());
      require(code == NOT_AUTHORIZED, "CONNACK " + Integer.toHexString(code));
      return "TLS session resumed without a certificate, and refused at CONNECT (0x87)";
    }
  }

  private static RefusedException refused(Runnable attempt) {
    try {
      attempt.run();
    } catch (RefusedException e) {
      return e;
    }
    throw new IllegalStateException("it was allowed");
  }

  private static void require(boolean asTold, String otherwise) {
    if (!asTold) {
      throw new IllegalStateException(otherwise);
    }
  }
}
