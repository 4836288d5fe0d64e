package io.guardbee.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.testing.TestCa;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A policy that is only observed. */
@ExtendWith(SharedDoor.class)
class ObserveIT {

  private static final int NOT_AUTHORIZED = MqttReturnCode.RETURN_CODE_NOT_AUTHORIZED;

  private static final String POLICY =
      """
      version: 1
      rules:
        - name: sensors
          when: { subject.OU: sensor }
          clientId: "${subject.CN}"
          allow:
            - publish: "devices/${subject.CN}/telemetry/#"
            - subscribe: "devices/${subject.CN}/commands/#"
        - name: others
          when: { subject.OU: application }
          clientId: "${subject.CN}"
      """;

  private static final String NARROWER =
      POLICY
          .replace("telemetry/#", "telemetry/temp")
          .replace("commands/#", "commands/reboot")
          .replace("subject.OU: application", "subject.OU: backend");

  private final SharedDoor.Running door;

  ObserveIT(SharedDoor.Running door) {
    this.door = door;
  }

  @BeforeEach
  void begin() {
    door.enforce(POLICY);
  }

  private void awaitObserved(long version, String rule, String device, String request) {
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(door.feed().reports())
                    .anyMatch(
                        report ->
                            Stream.of("" + version, rule, device, request)
                                .allMatch(report.substring(observed(report))::contains)));
  }

  private static int observed(String report) {
    return Math.max(0, report.indexOf("\"observed\""));
  }

  private boolean isObserved(String request) {
    return door.feed().reports().stream()
        .anyMatch(report -> report.substring(observed(report)).contains(request));
  }

  @Test
  void observedPolicyRefusesNothingButIsCountedUntilItIsPromoted() throws MqttException {
    TestCa own = door.pki().device("d-seen", "sensor");
    try (Device early = door.connect(own, "d-seen");
        Device other = door.connect(door.pki().device("app-seen", "application"), "app-seen")) {
      long version = door.order("observe", NARROWER, "applied");
      awaitObserved(version, "policy-no-rule", "app-seen", "connect app-seen");
      assertThat(early.publish("devices/d-seen/telemetry/temp")).isZero();
      assertThat(early.publish("devices/d-seen/telemetry/hum")).isZero();
      assertThat(early.publish("devices/d-seen/telemetry/hum")).isZero();
      awaitObserved(version, "sensors", "d-seen", "publish devices/d-seen/telemetry/hum");
      assertThat(early.subscribe("devices/d-seen/commands/#")).isEqualTo(1);
      awaitObserved(version, "sensors", "d-seen", "subscribe devices/d-seen/commands/#");
      assertThat(isObserved("telemetry/temp")).isFalse();
      assertThat(other.isConnected()).isTrue();

      door.order(version, "enforce", NARROWER, "applied");
      assertThat(other.lostReason()).isEqualTo(NOT_AUTHORIZED);
      assertThat(early.publish("devices/d-seen/telemetry/temp")).isZero();
      assertThat(early.publish("devices/d-seen/telemetry/hum")).isEqualTo(NOT_AUTHORIZED);
    }
  }

  @Test
  void withdrawnPolicyIsNotCountedAnyMore() throws MqttException {
    TestCa own = door.pki().device("d-gone", "sensor");
    try (Device device = door.connect(own, "d-gone")) {
      long version = door.order("observe", NARROWER, "applied");
      assertThat(device.publish("devices/d-gone/telemetry/one")).isZero();
      awaitObserved(version, "sensors", "d-gone", "publish devices/d-gone/telemetry/one");
      door.order(version, "withdraw", NARROWER, "applied");
      assertThat(device.publish("devices/d-gone/telemetry/two")).isZero();
      long next = door.order("observe", NARROWER, "applied");
      assertThat(device.publish("devices/d-gone/telemetry/three")).isZero();
      awaitObserved(next, "sensors", "d-gone", "publish devices/d-gone/telemetry/three");
      assertThat(isObserved("telemetry/two")).isFalse();
      door.order(next, "withdraw", NARROWER, "applied");
    }
  }
}
