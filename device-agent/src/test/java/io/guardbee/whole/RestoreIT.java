package io.guardbee.whole;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.launch.Endpoints;
import io.guardbee.launch.Guardbee;
import io.guardbee.launch.RunningUp;
import io.guardbee.pki.DeviceId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * A database that was put back: the broker follows the restored service by itself, and a service
 * with another database only when an operator accepts it.
 */
class RestoreIT {

  private final Guardbee guardbee = Whole.guardbee().inTemporaryHome();

  @Test
  void brokerFollowsARestoredServiceAndAnotherDatabaseOnlyWhenItIsAccepted() throws Exception {
    Path copy = guardbee.home().resolve("copy.zip");
    DeviceId early = Whole.device("early");
    DeviceId adopted = Whole.device("adopted");
    DeviceId thrown = Whole.device("revoked");
    RunningUp first = guardbee.up();
    Endpoints at = first.endpoints();
    try {
      enrol(early);
      Whole.done(guardbee.run("backup", copy.toString()));
      DeviceId late = Whole.device("late");
      enrol(late);
      assertAcknowledged(Whole.revoke(guardbee, late));
      enrol(adopted);
      enrol(thrown);
      Whole.done(publish(adopted));
    } finally {
      stop(first);
    }
    moveDatabase("lost");
    Whole.done(guardbee.run("restore", copy.toString()));
    RunningUp restored = again(at);
    try {
      assertThat(restored.endpoints().https()).isEqualTo(at.https());
      Awaitility.await().until(() -> broker().path("connected").asBoolean());
      assertRefusedUntilDecided(adopted, thrown);
      assertAcknowledged(Whole.revoke(guardbee, early));
      assertThat(broker().path("feedRefused").asString()).isEmpty();
    } finally {
      stop(restored);
    }
    moveDatabase("restored");
    try (RunningUp up = again(at)) { // it makes an empty database
      assertThat(up.endpoints().https()).isEqualTo(at.https());
      Awaitility.await().until(() -> !broker().path("feedRefused").asString("").isEmpty());
      String shown = Whole.done(guardbee.run("broker", "accept-feed", "--json")).out();
      String feed = Whole.JSON.readTree(shown).path("feed").asString();
      assertThat(Whole.done(guardbee.run("broker", "accept-feed")).out())
          .contains(feed, "this node followed", "Operations CA");
      assertThat(guardbee.run("broker", "accept-feed", "another").exitCode()).isEqualTo(1);
      Whole.done(guardbee.run("broker", "accept-feed", feed));
      DeviceId fresh = Whole.device("fresh");
      enrol(fresh);
      Awaitility.await().until(() -> broker().path("feedRefused").asString("?").isEmpty());
      assertAcknowledged(Whole.revoke(guardbee, fresh));
    }
  }

  /** Both have certificates that were issued after the backup. */
  private void assertRefusedUntilDecided(DeviceId adopted, DeviceId revoked) {
    for (DeviceId id : List.of(adopted, revoked)) {
      assertThat(publish(id).exitCode()).isEqualTo(1);
      Guardbee.Result renewal = guardbee.run("agent", "renew", "--id", id.value());
      assertThat(renewal.exitCode()).isEqualTo(1);
      assertThat(renewal.err()).contains("certificate-unconfirmed");
      Awaitility.await().until(() -> !serial(id).isEmpty());
    }
    String serial = serial(revoked);
    assertThat(guardbee.run("device", "revoke", revoked.value()).err())
        .contains("device-unknown", "--cert FILE");
    JsonNode receipt =
        Whole.JSON.readTree(
            Whole.done(guardbee.run("restore", "reconcile", "--revoke", serial, "--json")).out());
    assertThat(receipt.path("serials").toString()).contains(serial);
    assertAcknowledged(receipt);
    Whole.done(guardbee.run("restore", "reconcile", "--adopt", serial(adopted)));
    Awaitility.await().until(() -> publish(adopted).exitCode() == 0);
    assertThat(publish(revoked).exitCode()).isEqualTo(1);
    assertThat(Whole.done(guardbee.run("restore", "reconcile", "--json")).out()).isEmpty();
    JsonNode again =
        Whole.JSON.readTree(Whole.done(guardbee.run("revoke", "--serial", serial, "--json")).out());
    assertThat(again.path("serials").toString()).contains(serial);
    String nobody = "sha256:" + "0".repeat(64);
    Guardbee.Result uncovered = guardbee.run("revoke", "--key", nobody);
    assertThat(uncovered.exitCode()).isEqualTo(1);
    assertThat(uncovered.err()).contains("no-certificate-covered");
  }

  private Guardbee.Result publish(DeviceId id) {
    return guardbee.run("agent", "publish", "--id", id.value(), "hello");
  }

  /** As the list of unconfirmed certificates has it; empty when it does not. */
  private String serial(DeviceId id) {
    return Whole.done(guardbee.run("restore", "reconcile", "--json"))
        .out()
        .lines()
        .map(Whole.JSON::readTree)
        .filter(one -> one.path("deviceId").asString().equals(id.value()))
        .map(one -> one.path("serial").asString())
        .findFirst()
        .orElse("");
  }

  private RunningUp again(Endpoints at) {
    return guardbee.up(
        "--https-port",
        String.valueOf(at.https().getPort()),
        "--http-port",
        "0",
        "--mqtts-port",
        String.valueOf(at.mqtts().getPort()));
  }

  /** Without its home, which goes when it is closed; it ends in order at SIGTERM. */
  private static void stop(RunningUp up) throws InterruptedException {
    up.process().destroy();
    assertThat(up.process().waitFor()).isZero();
  }

  private void moveDatabase(String name) throws IOException {
    Files.move(guardbee.home().resolve("db"), guardbee.home().resolve(name));
  }

  private JsonNode broker() {
    String all = Whole.done(guardbee.run("broker", "status", "--json")).out();
    return Whole.JSON.readTree(all).path("brokers").path(0);
  }

  private static void assertAcknowledged(JsonNode receipt) {
    assertThat(receipt.toString()).contains("\"acknowledged\":true").doesNotContain(":false");
  }

  private void enrol(DeviceId id) {
    String token = Whole.grant(guardbee, id, "sensor");
    Whole.done(
        guardbee.runWithInput(
            token + "\n", "agent", "enroll", "--id", id.value(), "--token-file", "-"));
  }
}
