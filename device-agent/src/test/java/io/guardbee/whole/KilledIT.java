package io.guardbee.whole;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.agent.device.DeviceAgent;
import io.guardbee.agent.mqtt.Message;
import io.guardbee.agent.mqtt.MqttConnection;
import io.guardbee.launch.Endpoints;
import io.guardbee.launch.Guardbee;
import io.guardbee.launch.RunningUp;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code guardbee up} killed at any moment and started again: nothing confirmed is lost. */
class KilledIT {

  private final Path devices;
  private final Guardbee guardbee = Whole.guardbee().inTemporaryHome();
  private RunningUp up = guardbee.up();

  KilledIT(@TempDir Path devices) {
    this.devices = devices;
  }

  @AfterEach
  void stop() {
    up.close();
  }

  @Test
  void grantEnrolmentAndRevocationOutliveTheirServers() throws Exception {
    DeviceId id = Whole.device("d");
    String token = Whole.grant(guardbee, id, "sensor");
    killAndRestart();

    try (DeviceAgent agent = Whole.enrolled(up.endpoints(), devices, id, token)) {
      killAndRestart();
      assertThat(Whole.show(guardbee, id).path("status").asString()).isEqualTo("active");
      publish(agent);

      Whole.revoke(guardbee, id);
      killAndRestart();
      assertThat(Whole.show(guardbee, id).path("status").asString()).isEqualTo("revoked");
      assertThatThrownBy(() -> publish(agent)).isInstanceOf(RefusedException.class);
      assertThatThrownBy(agent::renew).isInstanceOf(RefusedException.class);
    }
  }

  @Test
  void everyCertificateThatADeviceReceivedIsKnownAfterwards() throws Exception {
    List<DeviceId> ids = IntStream.range(0, 60).mapToObj(n -> Whole.device("d")).toList();
    Map<DeviceId, String> tokens = new ConcurrentHashMap<>();
    ids.parallelStream()
        .limit(20)
        .forEach(id -> tokens.put(id, Whole.grant(guardbee, id, "sensor")));
    Map<DeviceId, Serial> received = new ConcurrentHashMap<>();
    Endpoints endpoints = up.endpoints();
    CompletableFuture<Void> line =
        CompletableFuture.runAsync(
            () -> tokens.forEach((id, token) -> enrolUntilKilled(endpoints, id, token, received)));
    long delay = new Random().nextLong(500, 2000);
    up.process().waitFor(delay, TimeUnit.MILLISECONDS);
    killAndRestart();
    line.join();

    for (Map.Entry<DeviceId, Serial> device : received.entrySet()) {
      JsonNode shown = Whole.show(guardbee, device.getKey());
      assertThat(shown.path("status").asString()).isEqualTo("active");
      assertThat(shown.path("certificates").get(0).path("serial").asString())
          .isEqualTo(device.getValue().toString());
    }
  }

  private void enrolUntilKilled(
      Endpoints endpoints, DeviceId id, String token, Map<DeviceId, Serial> received) {
    try (DeviceAgent agent = Whole.enrolled(endpoints, devices, id, token)) {
      received.put(id, Serial.of(agent.enrolment().certificate()));
    } catch (RefusedException | IOException e) {
      assertThat(e).hasMessageContaining(endpoints.https().toString());
    }
  }

  private static void publish(DeviceAgent agent) {
    try (MqttConnection connection = agent.connect(true, new Heard())) {
      String topic = "devices/" + agent.enrolment().deviceId() + "/telemetry/t";
      connection.publish(new Message(topic, new byte[] {1}, 1));
    }
  }

  /** As a power cut does it: no goodbye. On the same ports, for the devices know them. */
  private void killAndRestart() throws InterruptedException {
    Endpoints before = up.endpoints();
    up.process().destroyForcibly().waitFor();
    up =
        guardbee.up(
            "--https-port",
            String.valueOf(before.https().getPort()),
            "--http-port",
            "0",
            "--mqtts-port",
            String.valueOf(before.mqtts().getPort()));
  }
}
