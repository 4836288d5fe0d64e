package io.guardbee.broker;

import static io.guardbee.broker.MqttWire.V311;
import static io.guardbee.broker.MqttWire.V5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How much one identity may have the broker store. */
@ExtendWith(SharedDoor.class)
class StorageLimitsIT {

  private static final int QUOTA = MqttReturnCode.RETURN_CODE_QUOTA_EXCEEDED;
  private static final int REFUSED_311 = 0x80;

  private static final String POLICY =
      """
      version: 1
      rules:
        - name: sensors
          when: { subject.OU: sensor }
          clientId: "${subject.CN}"
          maxSubscriptions: 5
          maxQueuedMessages: 3
          sessionExpiry: PT1H
          allow:
            - subscribe: "devices/${subject.CN}/#"
        - name: gateways
          when: { subject.OU: gateway }
          clientId: "${subject.CN}/*"
          maxConnections: 4
          maxSessions: 2
          allow:
            - subscribe: "devices/${subject.CN}/#"
        - name: usual
          when: { subject.OU: usual }
          clientId: "${subject.CN}"
          allow:
            - subscribe: "devices/${subject.CN}/#"
        - name: applications
          when: { subject.OU: application }
          clientId: "${subject.CN}/*"
          allow:
            - publish: "devices/#"
      """;

  private final SharedDoor.Running door;

  StorageLimitsIT(SharedDoor.Running door) {
    this.door = door;
  }

  @BeforeEach
  void begin() {
    door.enforce(POLICY);
  }

  private static int subscribe(MqttWire wire, String filter, int count) throws IOException {
    int last = 0;
    for (int i = 0; i < count && last < REFUSED_311; i++) {
      last = wire.subscribe(filter + i, 1);
    }
    return last;
  }

  @Test
  void subscriptionsBeyondTheBoundAreRefusedAndOthersStay() throws Exception {
    TestCa own = door.pki().device("d-subs", "sensor");
    try (MqttWire wire = door.wire(own)) {
      assertThat(wire.connect(V311, "d-subs", false)).isZero();
      assertThat(subscribe(wire, "devices/d-subs/", 5)).isEqualTo(1);
      assertThat(wire.subscribe("devices/d-subs/beyond", 1)).isEqualTo(REFUSED_311);
      assertThat(wire.subscribe("devices/d-subs/0", 0)).as("one that it has").isZero();
    }
    door.broker().awaitLine("limit reached by d-subs", "subscriptions-exhausted", "5");
    try (MqttWire again = door.wire(own)) {
      assertThat(again.connect(V5, "d-subs", false)).isZero();
      assertThat(again.subscribe("devices/d-subs/beyond", 1))
          .as("stored ones count after connecting anew")
          .isEqualTo(QUOTA);
      assertThat(again.reason()).contains("subscriptions-exhausted", "maxSubscriptions is 5");
      assertThat(again.subscribe("devices/other/x", 1)).isEqualTo(0x87);
    }
    try (MqttWire clean = door.wire(own)) {
      assertThat(clean.connect(V5, "d-subs", true)).isZero();
      assertThat(subscribe(clean, "devices/d-subs/again/", 5)).isEqualTo(1);
      assertThat(clean.subscribe("devices/d-subs/beyond", 1)).isEqualTo(QUOTA);
    }
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(door.feed().reports())
                    .anyMatch(
                        report ->
                            report.contains("\"subscribe\"")
                                && report.contains("d-subs")
                                && report.contains("subscriptions-exhausted")));
  }

  /** The audit's attack: it stored 40,000 of these. */
  @Test
  void longFiltersAreRefusedWhereARuleSaysNothing() throws Exception {
    try (MqttWire wire = door.wire(door.pki().device("d-long", "usual"))) {
      assertThat(wire.connect(V5, "d-long", false)).isZero();
      for (int i = 0; i < 1000; i++) {
        assertThat(wire.subscribe("devices/d-long/" + i + "/" + "x".repeat(3500), 1))
            .isEqualTo(QUOTA);
      }
      assertThat(wire.reason()).contains("filter-too-long", "maxFilterLength is 512");
      assertThat(wire.subscribe("devices/d-long" + "/a".repeat(40), 1)).isEqualTo(QUOTA);
      assertThat(wire.reason()).contains("filter-too-long", "maxFilterLevels is 32");
      assertThat(wire.subscribe("devices/d-long/" + "ü".repeat(250), 1))
          .as("octets, not characters")
          .isEqualTo(QUOTA);
      assertThat(subscribe(wire, "devices/d-long/", 1000)).isEqualTo(1);
      assertThat(wire.subscribe("devices/d-long/beyond", 1)).isEqualTo(QUOTA);
    }
    long told =
        door.broker().output().stream()
            .filter(line -> line.contains("limit reached by d-long"))
            .count();
    assertThat(told).as("2,000 refusals do not fill the log").isBetween(1L, 100L);
  }

  @Test
  void sessionsBeyondTheBoundAreRefusedUntilOneEnds() throws Exception {
    TestCa own = door.pki().device("g-many", "gateway");
    door.persistent(own, "g-many/1").close();
    try (MqttWire old = door.wire(own)) {
      assertThat(old.connect(V311, "g-many/2", false)).isZero();
    }
    assertThatThrownBy(() -> door.persistent(own, "g-many/3"))
        .isInstanceOfSatisfying(
            MqttException.class, e -> assertThat(e.getReasonCode()).isEqualTo(QUOTA));
    door.broker().awaitLine("refused CONNECT of g-many", "sessions-exhausted", "2");
    try (MqttWire old = door.wire(own)) {
      assertThat(old.connect(V311, "g-many/3", false)).isNotZero();
    }
    try (Device transitory = door.connect(own, "g-many/3");
        Device known = door.persistent(own, "g-many/1")) {
      assertThat(transitory.isConnected()).as("stores nothing").isTrue();
      assertThat(known.sessionPresent()).isTrue();
    }
    try (Device last = door.connect(own, "g-many/2")) {
      last.disconnect(); // takes its session with it
    }
    Awaitility.await().ignoreExceptions().until(() -> isPersistent(own, "g-many/3"));
  }

  private boolean isPersistent(TestCa own, String clientId) throws MqttException {
    try (Device device = door.persistent(own, clientId)) {
      return device.isConnected();
    }
  }

  @Test
  void sessionExpiryIsLoweredAndTold() throws Exception {
    TestCa own = door.pki().device("d-expiry", "sensor");
    try (Wire wire = new Wire(door.pki().context(own), door.broker().port())) {
      wire.send(
          Wire.packet(
              0x10, Wire.octets("MQTT", 5, 0, 0, 60, 5, 0x11, 0xff, 0xff, 0xff, 0xff, "d-expiry")));
      Wire.Packet connack = wire.read();
      List<Integer> octets = new ArrayList<>();
      for (int place = 0; place < connack.length(); place++) {
        octets.add(connack.octet(place));
      }
      assertThat(octets).as("3,600 s").containsSequence(0x11, 0, 0, 0x0e, 0x10);
    }
    try (Device present = door.persistent(own, "d-expiry")) {
      assertThat(present.sessionPresent()).isTrue();
      door.enforce(POLICY.replace("PT1H", "PT0S"));
      present.disconnect();
    }
    try (Device after = door.persistent(own, "d-expiry")) {
      assertThat(after.sessionPresent()).as("lowered while it was connected").isFalse();
    }
    try (MqttWire old = door.wire(own)) {
      assertThat(old.connect(V311, "d-expiry", false)).isZero();
    }
    Awaitility.await()
        .until(
            () -> {
              try (Device after = door.persistent(own, "d-expiry")) {
                return !after.sessionPresent();
              }
            });
  }

  @Test
  void queuedMessagesAreBounded() throws Exception {
    TestCa own = door.pki().device("d-queue", "sensor");
    try (Device device = door.persistent(own, "d-queue")) {
      assertThat(device.subscribe("devices/d-queue/#")).isEqualTo(1);
      device.disconnect();
    }
    try (Device app = door.connect(door.pki().device("app-q", "application"), "app-q/1")) {
      for (int i = 0; i < 10; i++) {
        assertThat(app.publish("devices/d-queue/" + i)).isZero();
      }
      try (Device device = door.persistent(own, "d-queue")) {
        Awaitility.await()
            .untilAsserted(
                () ->
                    assertThat(device.received())
                        .as("session resumed: %s", device.sessionPresent())
                        .hasSizeGreaterThanOrEqualTo(3));
        assertThat(app.publish("devices/d-queue/last")).isZero();
        Awaitility.await().until(() -> device.received().contains("devices/d-queue/last"));
        assertThat(device.received())
            .containsExactly(
                "devices/d-queue/0",
                "devices/d-queue/1",
                "devices/d-queue/2",
                "devices/d-queue/last");
      }
    }
  }
}
