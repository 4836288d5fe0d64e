package io.guardbee.whole;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code guardbee up} killed while it works and started again: nothing confirmed is lost. */
class KilledIT {

  private static final int LINE = 40;

  private final Path devices;
  private final Guardbee guardbee = Whole.guardbee().inTemporaryHome();
  private final Map<DeviceId, Serial> received = new ConcurrentHashMap<>();
  private RunningUp up = guardbee.up();

  KilledIT(@TempDir Path devices) {
    this.devices = devices;
  }

  @AfterEach
  void stop() {
    up.close();
  }

  @Test
  void grantsEnrolmentsAndRevocationsOutliveTheirServers() throws Exception {
    Endpoints endpoints = up.endpoints();
    DeviceId granted = Whole.device("granted");
    DeviceId enrolled = Whole.device("enrolled");
    DeviceId revoked = Whole.device("revoked");
    String token = Whole.grant(guardbee, granted, "sensor");
    try (DeviceAgent active = enrol(enrolled);
        DeviceAgent thrownOut = enrol(revoked)) {
      assertThat(Whole.revoke(guardbee, revoked).path("nodes").get(0).path("acknowledged"))
          .hasToString("true");
      CompletableFuture<Void> line = enrolWithoutPause(endpoints, tokens());
      await().until(() -> received.size() >= LINE / 4);
      killAndRestart();
      line.join();

      Map<String, JsonNode> known = list();
      received.forEach((id, serial) -> assertActive(known, id, serial));
      assertActive(known, enrolled, Serial.of(active.enrolment().certificate()));
      publish(active);
      assertThat(known.get(revoked.value()).path("status").asString()).isEqualTo("revoked");
      assertThatThrownBy(() -> publish(thrownOut)).isInstanceOf(RefusedException.class);
      assertThatThrownBy(thrownOut::renew).isInstanceOf(RefusedException.class);
      try (DeviceAgent late = Whole.enrolled(up.endpoints(), devices, granted, token)) {
        publish(late);
      }
      killBroker();
      await().until(() -> isPublished(active));
    }
  }

  /** {@code up} says so and starts it again. */
  private void killBroker() throws IOException {
    String pid = Files.readString(guardbee.home().resolve("run/broker.pid")).strip();
    ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
    Path log = guardbee.home().resolve("up.log");
    await()
        .until(
            () ->
                Files.readString(log)
                    .contains("broker ended with signal 9; starting it again in 1 s"));
  }

  private static boolean isPublished(DeviceAgent agent) {
    try {
      publish(agent);
      return true;
    } catch (RefusedException e) {
      return false;
    }
  }

  private DeviceAgent enrol(DeviceId id) throws IOException {
    return Whole.enrolled(up.endpoints(), devices, id, Whole.grant(guardbee, id, "sensor"));
  }

  private Map<DeviceId, String> tokens() throws IOException {
    Path list = devices.resolve("devices.csv");
    Path tokens = devices.resolve("tokens.csv");
    Files.writeString(list, "deviceId,profile\n");
    for (int number = 0; number < LINE; number++) {
      Files.writeString(list, "line-" + number + ",sensor\n", StandardOpenOption.APPEND);
    }
    Whole.done(guardbee.run("factory", "import", list.toString(), "--out", tokens.toString()));
    try (Stream<String> lines = Files.lines(tokens)) {
      return lines
          .skip(1)
          .map(line -> line.split(",", -1))
          .collect(Collectors.toMap(row -> new DeviceId(row[0]), row -> row[1]));
    }
  }

  private CompletableFuture<Void> enrolWithoutPause(
      Endpoints endpoints, Map<DeviceId, String> tokens) {
    return CompletableFuture.runAsync(
        () -> tokens.forEach((id, token) -> enrolUntilKilled(endpoints, id, token)));
  }

  private void enrolUntilKilled(Endpoints endpoints, DeviceId id, String token) {
    try (DeviceAgent agent = Whole.enrolled(endpoints, devices, id, token)) {
      received.put(id, Serial.of(agent.enrolment().certificate()));
    } catch (RefusedException | IOException e) {
      // the server was killed before it answered: the device has nothing that could be lost
    }
  }

  private Map<String, JsonNode> list() {
    return Whole.done(guardbee.run("device", "list", "--json"))
        .out()
        .lines()
        .map(Whole.JSON::readTree)
        .collect(Collectors.toMap(node -> node.path("deviceId").asString(), node -> node));
  }

  private static void assertActive(Map<String, JsonNode> known, DeviceId id, Serial serial) {
    JsonNode device = known.get(id.value());
    assertThat(device).as(id.value()).isNotNull();
    assertThat(device.path("status").asString()).isEqualTo("active");
    assertThat(device.path("certificates").toString()).contains(serial.toString());
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
