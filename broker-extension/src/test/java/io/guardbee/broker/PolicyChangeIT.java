package io.guardbee.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.nio.file.Path;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A policy that changes while the broker runs. */
class PolicyChangeIT {

  private static final int NOT_AUTHORIZED = MqttReturnCode.RETURN_CODE_NOT_AUTHORIZED;

  @TempDir static Path home = Path.of("");
  static Pki pki;
  static FeedServer feed;
  static BrokerProcess broker;

  @BeforeAll
  static void start() throws IOException {
    pki = Pki.make();
    pki.writeHome(home);
    DoorIT.writePolicy(home, DoorIT.POLICY);
    feed = new FeedServer(pki);
    broker = BrokerProcess.startAndFollow(home, feed.url());
  }

  @AfterAll
  static void stop() {
    broker.close();
    feed.close();
  }

  private static Device connect(TestCa own, String id) throws MqttException {
    return Device.connect(id, pki.context(own), broker.port());
  }

  private static Device persistent(TestCa own, String id) throws MqttException {
    return Device.connect(
        id,
        pki.context(own),
        broker.port(),
        options -> {
          options.setCleanStart(false);
          options.setSessionExpiryInterval(3600L);
        });
  }

  /** One after the other: they change one policy. */
  @Test
  void changeAppliesAtOnceAndABrokenOneNever() throws Exception {
    TestCa sensor = pki.device("d-1", "sensor");
    TestCa other = pki.device("app-1", "application");
    Device offline = persistent(pki.device("d-off", "sensor"), "d-off");
    assertThat(offline.subscribe("devices/d-off/commands/#")).isEqualTo(1);
    offline.disconnect();
    offline.close();
    try (Device device = connect(sensor, "d-1");
        Device untouched = connect(other, "app-1/a")) {
      assertThat(device.subscribe("devices/d-1/commands/#")).isEqualTo(1);
      DoorIT.writePolicy(home, DoorIT.POLICY.replace("/commands/#", "/orders/#"));
      broker.awaitLine("policy", "changed and is in force");
      broker.awaitLine("ended subscription of d-1", "devices/d-1/commands/#");
      assertThat(device.subscribe("devices/d-1/orders/#"))
          .as("on the same connection")
          .isEqualTo(1);
      assertThat(untouched.isConnected()).isTrue();
    }
    try (Device back = persistent(pki.device("d-off", "sensor"), "d-off")) {
      assertThat(back.sessionPresent()).as("only its subscription is no longer allowed").isTrue();
    }
    broker.awaitLine("ended subscription of d-off", "devices/d-off/commands/#");

    try (Device device = connect(sensor, "d-1")) {
      DoorIT.writePolicy(home, DoorIT.POLICY + "nonsense: true\n");
      broker.awaitLine("policy not applied", "nonsense");
      assertThat(device.subscribe("devices/d-1/orders/#")).isEqualTo(1);
    }
    try (Device device = connect(sensor, "d-1")) {
      assertThat(device.subscribe("devices/d-1/commands/#")).isEqualTo(NOT_AUTHORIZED);
    }

    // a change that gives an identity the same rights leaves its connection alone
    try (Device device = connect(sensor, "d-1")) {
      DoorIT.writePolicy(home, DoorIT.POLICY.replace("/commands/#", "/orders/#") + "tests: []\n");
      broker.awaitLine("changed and is in force, 0 tests");
      assertThat(device.publish("devices/d-1/telemetry/x")).isZero();
    }
  }
}
