package io.guardbee.whole;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.guardbee.agent.device.DeviceAgent;
import io.guardbee.agent.mqtt.Message;
import io.guardbee.agent.mqtt.MqttConnection;
import io.guardbee.launch.Guardbee;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Serial;
import io.guardbee.testing.PatientWaiting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device that stays connected: heartbeats, commands, renewal, revocation. */
class AgentRunIT {

  private final Path home;

  AgentRunIT(@TempDir Path home) {
    this.home = home;
  }

  @Test
  void runningAgentIsHeardTakesCommandsAndLeavesCleanly() throws Exception {
    DeviceId id = Whole.device("d");
    Heard backend = new Heard();
    Whole.done(
        Whole.here()
            .runWithInput(
                Whole.grant(id, "sensor"),
                "agent",
                "enroll",
                "--id",
                id.value(),
                "--token-file",
                "-"));
    try (DeviceAgent application = application();
        MqttConnection back = connected(application, backend)) {
      Path out = home.resolve("out");
      Process agent = startAgent(id, out);
      awaitMessage(backend, "devices/" + id + "/telemetry/heartbeat");

      back.publish(new Message("devices/" + id + "/commands/reboot", octets("now"), 1));
      await().until(() -> Files.readString(out).contains("\"payload\":\"now\""));

      // while the agent runs, publish uses its connection and does not take the session from it
      Whole.done(Whole.here().run("agent", "publish", "--id", id.value(), "21.5"));
      awaitMessage(backend, "devices/" + id + "/telemetry/message 21.5");
      assertThat(Files.readString(home.resolve("err"))).doesNotContain("taken over");
      Guardbee.Result status = Whole.here().run("agent", "status", "--id", id.value(), "--json");
      assertThat(Whole.JSON.readTree(status.out()).path("contact").asString())
          .isEqualTo("connected");

      agent.destroy();
      assertThat(agent.waitFor()).isZero(); // SIGTERM
      assertThat(Files.readString(home.resolve("err"))).doesNotContain("WARN", "ERROR");
    }
  }

  @Test
  void renewalKeepsTheSessionAndLosesNoCommand() throws Exception {
    DeviceId id = Whole.device("d");
    Whole.enrolled(Whole.endpoints(), home, id, Whole.grant(id, "sensor")).close();
    Clock lateInLife = Clock.offset(Clock.systemUTC(), Duration.ofDays(75));
    List<String> commands = new CopyOnWriteArrayList<>();
    try (DeviceAgent application = application();
        MqttConnection back = connected(application, new Heard());
        DeviceAgent agent = DeviceAgent.open(home, id, lateInLife, new Random(1))) {
      Serial first = Serial.of(agent.enrolment().certificate());
      // by this clock every certificate is due, so the agent renews at each heartbeat
      CompletableFuture<Void> running =
          CompletableFuture.runAsync(
              () ->
                  agent.run(
                      Duration.ofSeconds(1),
                      (topic, payload) ->
                          commands.add(new String(payload, StandardCharsets.UTF_8))));
      await()
          .until(
              () -> {
                back.publish(new Message("devices/" + id + "/commands/n", octets("ready"), 1));
                return commands.contains("ready");
              });
      int count = 0;
      while (Whole.show(Whole.here(), id).path("certificates").size() < 4) {
        String number = String.valueOf(count++);
        back.publish(new Message("devices/" + id + "/commands/n", octets(number), 1));
      }
      List<String> sent = IntStream.range(0, count).mapToObj(String::valueOf).toList();
      await().untilAsserted(() -> assertThat(commands).containsAll(sent));
      assertThat(Serial.of(agent.enrolment().certificate())).isNotEqualTo(first);
      agent.stop();
      running.join();
    }
  }

  @Test
  void revokedAgentIsCutOffAndKeptOut() throws Exception {
    DeviceId id = Whole.device("d");
    try (DeviceAgent agent =
        Whole.enrolled(Whole.endpoints(), home, id, Whole.grant(id, "sensor"))) {
      Heard heard = new Heard();
      try (MqttConnection connection = agent.connect(true, heard)) {
        assertThat(connection.sessionPresent()).isFalse();
        assertThat(Whole.revoke(Whole.here(), id).path("sessionsEnded").asInt()).isEqualTo(1);
        assertThat(heard.end()).succeedsWithin(PatientWaiting.PATIENCE);
      }
      assertThat(heard.end().join().line()).startsWith("certificate-revoked: ");
      CompletableFuture<Void> running =
          CompletableFuture.runAsync(
              () -> agent.run(Duration.ofSeconds(1), (topic, payload) -> {}));
      Path contact = home.resolve("agent/devices").resolve(id.value()).resolve("contact.json");
      await().until(() -> Files.exists(contact));
      assertThat(Files.readString(contact)).contains("certificate-untrusted: ");
      agent.stop();
      running.join();
    }
  }

  private Process startAgent(DeviceId id, Path out) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Whole.here().launcher().toString(),
                "agent",
                "run",
                "--id",
                id.value(),
                "--heartbeat",
                "1",
                "--home",
                Whole.here().home().toString())
            .redirectOutput(out.toFile())
            .redirectError(home.resolve("err").toFile());
    builder.environment().put("GUARDBEE_BUILT", "1");
    return builder.start();
  }

  private DeviceAgent application() throws IOException {
    DeviceId id = Whole.device("app");
    return Whole.enrolled(Whole.endpoints(), home, id, Whole.grant(id, "application"));
  }

  private static MqttConnection connected(DeviceAgent application, Heard heard) {
    MqttConnection connection =
        application.connect(application.enrolment().deviceId() + "/test", true, heard);
    connection.subscribe("devices/+/telemetry/#");
    return connection;
  }

  private static void awaitMessage(Heard heard, String beginning) {
    await().until(() -> heard.messages().stream().anyMatch(text -> text.startsWith(beginning)));
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
