package io.guardbee.broker;

import static io.guardbee.broker.MqttWire.CLOSED;
import static io.guardbee.broker.MqttWire.V311;
import static io.guardbee.broker.MqttWire.V5;
import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.testing.TestCa;
import java.io.IOException;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How much one identity may do. */
@ExtendWith(SharedDoor.class)
class LimitsIT {

  private static final int QUOTA = MqttReturnCode.RETURN_CODE_QUOTA_EXCEEDED;
  private static final int RATE = 0x96;
  private static final int CONNECT_RATE = 0x9f;

  private static final String POLICY =
      """
      version: 1
      rules:
        - name: sensors
          when: { subject.OU: sensor }
          clientId: "${subject.CN}/*"
          maxConnections: 2
          rates: { messages: 5/h, bytes: 1MB/h }
          allow:
            - publish: "devices/${subject.CN}/#"
        - name: hasty
          when: { subject.OU: hasty }
          clientId: "${subject.CN}"
          rates: { connects: 3/h }
        - name: free
          when: { subject.OU: free }
          clientId: "${subject.CN}"
          allow:
            - publish: "devices/${subject.CN}/#"
      """;

  private final SharedDoor.Running door;

  LimitsIT(SharedDoor.Running door) {
    this.door = door;
  }

  @BeforeEach
  void begin() {
    door.enforce(POLICY);
  }

  private TestCa sensor(String id) {
    return door.pki().device(id, "sensor");
  }

  @Test
  void moreConnectionsThanAllowedAreRefusedUntilOneIsClosed() throws Exception {
    TestCa own = sensor("d-many");
    try (Device one = door.connect(own, "d-many/1");
        Device two = door.connect(own, "d-many/2");
        MqttWire three = door.wire(own)) {
      assertThat(three.connect(V5, "d-many/3", true)).isEqualTo(QUOTA);
      assertThat(three.reason()).contains("connections-exhausted", "2");
      try (Device takenOver = door.connect(own, "d-many/2")) {
        assertThat(two.lostReason()).isEqualTo(MqttReturnCode.RETURN_CODE_SESSION_TAKEN_OVER);
        assertThat(takenOver.isConnected()).isTrue();
        one.disconnect();
        try (Device third = door.connect(own, "d-many/3")) {
          assertThat(third.isConnected()).isTrue();
          // fewer are allowed from now on: the latest leaves
          door.enforce(POLICY.replace("maxConnections: 2", "maxConnections: 1"));
          assertThat(third.lostReason()).isEqualTo(QUOTA);
          assertThat(takenOver.isConnected()).isTrue();
        }
      }
    }
  }

  @Test
  void messagesBeyondTheRateAreRefusedWhereMqttHasAWordForIt() throws Exception {
    try (MqttWire five = door.wire(sensor("d-rate"))) {
      assertThat(five.connect(V5, "d-rate/1", true)).isZero();
      assertThat(publish(five, "devices/d-rate/x", 5)).isZero();
      assertThat(five.publish("devices/d-rate/x", 1)).isEqualTo(QUOTA);
      assertThat(five.reason()).contains("rate-limited", "messages");
      assertThat(five.ping()).as("stays").isTrue();
      assertThat(five.publish("devices/d-rate/x", 0)).isZero();
      assertThat(five.awaitEnd()).isEqualTo(RATE);
    }
    door.broker().awaitLine("ended connection of d-rate", "rate-limited");
    try (MqttWire again = door.wire(sensor("d-rate"))) {
      assertThat(again.connect(V5, "d-rate/2", true)).isZero();
      assertThat(again.publish("devices/d-rate/x", 1)).as("over all connections").isEqualTo(QUOTA);
    }
    try (MqttWire three = door.wire(sensor("d-rate-3"))) {
      assertThat(three.connect(V311, "d-rate-3/1", true)).isZero();
      assertThat(publish(three, "devices/d-rate-3/x", 5)).isZero();
      assertThat(three.publish("devices/d-rate-3/x", 1)).isEqualTo(CLOSED);
    }
  }

  /** The code of the first PUBLISH that is not taken, else 0. */
  private static int publish(MqttWire wire, String topic, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      int code = wire.publish(topic, 1);
      if (code >= 0x80 || code < 0) {
        return code;
      }
    }
    return 0;
  }

  @Test
  void bytesBeyondTheRateAreRefused() throws Exception {
    try (MqttWire wire = door.wire(sensor("d-bytes"))) {
      assertThat(wire.connect(V5, "d-bytes/1", true)).isZero();
      assertThat(wire.publish("devices/d-bytes/x", 1, 200_000)).isLessThan(0x80);
      assertThat(wire.publish("devices/d-bytes/x", 1, 200_000)).isLessThan(0x80);
      assertThat(wire.publish("devices/d-bytes/x", 1, 200_000)).isLessThan(0x80);
      assertThat(wire.publish("devices/d-bytes/x", 1, 600_000)).isEqualTo(QUOTA);
      assertThat(wire.reason()).contains("bytes");
    }
  }

  @Test
  void connectsBeyondTheRateAreRefused() throws Exception {
    TestCa own = door.pki().device("d-hasty", "hasty");
    for (int i = 0; i < 3; i++) {
      try (MqttWire wire = door.wire(own)) {
        assertThat(wire.connect(V5, "d-hasty", true)).isZero();
      }
    }
    try (MqttWire wire = door.wire(own)) {
      assertThat(wire.connect(V5, "d-hasty", true)).isEqualTo(CONNECT_RATE);
      assertThat(wire.reason()).contains("rate-limited");
    }
    door.broker().awaitLine("refused CONNECT of d-hasty", "rate-limited");
  }

  @Test
  void ratesThatComeWithAPolicyHoldOnTheOpenConnection() throws MqttException {
    try (Device device = door.connect(door.pki().device("d-free", "free"), "d-free")) {
      for (int i = 0; i < 10; i++) {
        assertThat(device.publish("devices/d-free/x")).isZero();
      }
      door.enforce(
          POLICY.replace(
              "  - name: free\n    when: { subject.OU: free }\n",
              "  - name: free\n    when: { subject.OU: free }\n    rates: { messages: 2/h }\n"));
      assertThat(device.publish("devices/d-free/x")).isZero();
      assertThat(device.publish("devices/d-free/x")).isZero();
      assertThat(device.publish("devices/d-free/x")).isEqualTo(QUOTA);
      door.enforce(POLICY);
      assertThat(device.publish("devices/d-free/x")).isZero();
    }
  }
}
