package io.guardbee.whole;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.guardbee.agent.device.DeviceAgent;
import io.guardbee.agent.mqtt.Message;
import io.guardbee.agent.mqtt.MqttConnection;
import io.guardbee.launch.Guardbee;
import io.guardbee.launch.RunningUp;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Serial;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Guardbee whose tokens and certificates end soon, as its {@code config.yaml} says. */
class ShortLivedIT {

  private static final Duration TOKEN = Duration.ofSeconds(20);

  private final Path devices;

  ShortLivedIT(@TempDir Path devices) {
    this.devices = devices;
  }

  @Test
  void certificateIsRenewedInTimeAndATokenIsNotGoodForever() throws Exception {
    Guardbee guardbee = Whole.guardbee().inTemporaryHome();
    // valid from 5 minutes before its issue: two thirds of its life are over when it is issued
    Files.writeString(
        guardbee.home().resolve("config.yaml"),
        "tokens:\n  validity: " + TOKEN + "\nprofiles:\n  sensor:\n    validity: PT150S\n");
    try (RunningUp up = guardbee.up()) {
      DeviceId tooLate = Whole.device("late");
      String old = Whole.grant(guardbee, tooLate, "sensor");
      renews(guardbee, up);
      expires(guardbee, tooLate, old);
    }
  }

  private void renews(Guardbee guardbee, RunningUp up) throws Exception {
    DeviceId id = Whole.device("d");
    DeviceId backend = Whole.device("app");
    List<String> commands = new CopyOnWriteArrayList<>();
    try (DeviceAgent agent =
            Whole.enrolled(up.endpoints(), devices, id, Whole.grant(guardbee, id, "sensor"));
        DeviceAgent application =
            Whole.enrolled(
                up.endpoints(), devices, backend, Whole.grant(guardbee, backend, "application"));
        MqttConnection back = application.connect(backend + "/test", true, new Heard())) {
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
                back.publish(command(id, "there?")); // lost until the device has subscribed
                return commands.contains("there?");
              });
      Serial connected = Serial.of(agent.enrolment().certificate());
      await().until(() -> !Serial.of(agent.enrolment().certificate()).equals(connected));
      back.publish(command(id, "still there?"));
      await().until(() -> commands.contains("still there?"));
      agent.stop();
      running.join();
    }
  }

  private static Message command(DeviceId id, String text) {
    byte[] payload = text.getBytes(StandardCharsets.UTF_8);
    return new Message("devices/" + id + "/commands/x", payload, 1);
  }

  private static void expires(Guardbee guardbee, DeviceId id, String token) {
    // grants that are over say so of themselves: asking early would use the token up
    Instant end = Instant.now().plus(TOKEN);
    await().until(() -> Instant.now().isAfter(end));
    Guardbee.Result refused =
        guardbee.runWithInput(token, "agent", "enroll", "--id", id.value(), "--token-file", "-");
    assertThat(refused.complaint()).startsWith("error: token-expired: ");
    assertThat(Whole.show(guardbee, id).path("certificates")).isEmpty();
  }
}
