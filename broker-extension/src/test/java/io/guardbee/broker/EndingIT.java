package io.guardbee.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.util.List;
import org.awaitility.Awaitility;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How connections are ended, and what is left of them. */
@ExtendWith(SharedDoor.class)
class EndingIT {

  private static final int NOT_AUTHORIZED = MqttReturnCode.RETURN_CODE_NOT_AUTHORIZED;

  private final SharedDoor.Running door;

  EndingIT(SharedDoor.Running door) {
    this.door = door;
  }

  @BeforeEach
  void begin() {
    door.enforce(
        DoorIT.POLICY.replace("  - name: backends", "    lastWill: true\n  - name: backends"));
  }

  private Device withWill(TestCa own, String id) throws MqttException {
    return door.connect(
        own,
        id,
        options -> options.setWill("devices/" + id + "/telemetry/will", new MqttMessage()));
  }

  @Test
  void connectionsOfARetiredAuthorityEndAndOthersStay() throws MqttException, IOException {
    TestCa second = door.pki().root().authority("issuing");
    TestCa first = door.pki().issuing();
    door.feed()
        .tellTrust(
            List.of(door.pki().root().certificate()),
            List.of(first.certificate(), second.certificate()));
    TestCa own = second.client("CN=d-second,OU=sensor,O=Acme");
    Awaitility.await().ignoreExceptions().until(() -> isLetIn(own));
    try (Device leaving = withWill(own, "d-second");
        Device app = door.connect(door.pki().device("app-ca", "application"), "app-ca/1")) {
      assertThat(app.subscribe("devices/+/telemetry/#")).isEqualTo(1);
      door.feed().tellTrust(List.of(door.pki().root().certificate()), List.of(first.certificate()));
      assertThat(leaving.lostReason()).isEqualTo(NOT_AUTHORIZED);
      door.broker().awaitLine("ended connection of d-second", "certificate-untrusted");
      try (Device marker = door.connect(door.pki().device("d-mark", "sensor"), "d-mark")) {
        assertThat(marker.publish("devices/d-mark/telemetry/x")).isZero();
      }
      Awaitility.await().until(() -> app.received().contains("devices/d-mark/telemetry/x"));
      assertThat(app.received()).doesNotContain("devices/d-second/telemetry/will");
    }
  }

  private boolean isLetIn(TestCa own) throws MqttException {
    try (Device device = door.connect(own, "d-second")) {
      return device.isConnected();
    }
  }

  @Test
  void willOfARevokedDeviceIsPublishedWhereThePolicySaysSo() throws MqttException {
    TestCa own = door.pki().device("d-testament", "sensor");
    try (Device app = door.connect(door.pki().device("app-t", "application"), "app-t/1");
        Device device = withWill(own, "d-testament")) {
      assertThat(app.subscribe("devices/+/telemetry/#")).isEqualTo(1);
      door.feed().awaitAcknowledged(door.feed().revoke("d-testament", own));
      assertThat(device.lostReason()).isEqualTo(NOT_AUTHORIZED);
      Awaitility.await().until(() -> app.received().contains("devices/d-testament/telemetry/will"));
    }
  }

  @Test
  void whoWasEndedAndWhyIsReportedToTheService() throws MqttException {
    TestCa own = door.pki().device("d-told", "sensor");
    try (Device device = door.connect(own, "d-told")) {
      door.feed().awaitAcknowledged(door.feed().revoke("d-told", own));
      assertThat(device.lostReason()).isEqualTo(NOT_AUTHORIZED);
    }
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(door.feed().reports())
                    .anyMatch(
                        report ->
                            report.contains("\"session\"")
                                && report.contains("d-told")
                                && report.contains("certificate-revoked")));
  }
}
