package io.guardbee.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  /** MQTT 5 §3.1.2.5: a connection that ends without DISCONNECT has its Will published. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void connectionEndsWhenItsClientEndsTlsAndLeavesTcpOpen(String protocol) throws Exception {
    String id = "d-half-" + protocol.charAt(protocol.length() - 1);
    String will = "devices/" + id + "/telemetry/will";
    TestCa own = door.pki().device(id, "sensor");
    try (Device app = door.connect(door.pki().device("app-h", "application"), "app-h/1");
        Wire wire = new Wire(door.pki().context(own), door.broker().port(), protocol)) {
      assertThat(app.subscribe("devices/+/telemetry/#")).isEqualTo(1);
      wire.send(Wire.packet(0x10, Wire.octets("MQTT", 5, 0x06, 0, 0, 0, id, 0, will, "lost")));
      assertThat(wire.read().octet(1)).isZero();
      wire.closeNotify();
      Awaitility.await().until(() -> app.received().contains(will));
      assertThat(wire.awaitEnd()).as("ended without a word").isZero();
    }
  }

  @Test
  void refusedSubscriptionEndsAConnectionOfMqtt31AndSaysSo() throws Exception {
    TestCa own = door.pki().device("d-three", "sensor");
    try (MqttWire wire = door.wire(own)) {
      assertThat(wire.connect(MqttWire.V31, "d-three", true)).isZero();
      assertThat(wire.subscribe("devices/d-three/commands/#", 1)).isEqualTo(1);
      assertThat(wire.subscribe("devices/d-other/commands/#", 1)).isEqualTo(MqttWire.CLOSED);
    }
    door.broker()
        .awaitLine(
            "ended connection of d-three",
            "topic-not-allowed",
            "devices/d-other/commands/#",
            "MQTT 3.1 has no failure code in SUBACK");
    awaitReport("\"session\"", "d-three", "topic-not-allowed", "MQTT 3.1");
  }

  @Test
  void retainedMessagesOfARevokedDeviceGoAndThoseOfOthersStay() throws Exception {
    door.enforce(RETAINING);
    TestCa own = door.pki().device("d-keep-1", "sensor");
    retain(own, "d-keep-1", "state", "telemetry/temp");
    retain(door.pki().device("d-keep-10", "sensor"), "d-keep-10", "state", "telemetry/temp");
    TestCa meter = door.pki().device("m-keep-1", "meter");
    retain(meter, "m-keep-1", "state");
    TestCa gateway = door.pki().device("g-keep-1", "gateway");
    retain(gateway, "g-keep-1", "state");

    long suspended = door.feed().suspend("d-keep-1", own);
    door.feed().awaitAcknowledged(suspended);
    assertThat(door.feed().cleared(suspended)).isZero();
    assertThat(retained("devices/d-keep-1/state", "devices/d-keep-1/telemetry/temp")).isNotEmpty();

    long revoked = door.feed().revoke("d-keep-1", own);
    long kept = door.feed().revoke("m-keep-1", meter);
    long known = door.feed().revoke("g-keep-1", gateway);
    door.feed().awaitAcknowledged(known);
    Awaitility.await()
        .untilAsserted(
            () -> {
              assertThat(door.feed().cleared(revoked)).isEqualTo(2);
              assertThat(door.feed().cleared(known)).isEqualTo(1);
            });
    assertThat(door.feed().cleared(kept)).isZero();
    assertThat(
            retained(
                "devices/d-keep-10/state",
                "devices/d-keep-10/telemetry/temp",
                "devices/m-keep-1/state",
                "shared/state"))
        .doesNotContain(
            "devices/d-keep-1/state", "devices/d-keep-1/telemetry/temp", "devices/g-keep-1/state");
  }

  private static final String RETAINING =
      """
      version: 1
      rules:
        - name: gateways
          when: { issuer: issuing, subject.OU: gateway }
          clientId: "${subject.CN}"
          allow:
            - publish: ["devices/${subject.CN}/state", "shared/state"]
              retain: true
        - name: meters
          when: { issuer: issuing, subject.OU: meter }
          clientId: "${subject.CN}"
          retained: keep
          allow:
            - publish: ["devices/${subject.CN}/#", "shared/state"]
              retain: true
        - name: sensors
          when: { issuer: issuing, subject.OU: sensor }
          clientId: "${subject.CN}"
          allow:
            - publish: ["devices/${subject.CN}/#", "shared/state"]
              retain: true
        - name: backends
          when: { issuer: issuing, subject.OU: application }
          clientId: "${subject.CN}/*"
          allow:
            - subscribe: ["devices/#", "shared/#"]
      """;

  private void retain(TestCa own, String id, String... topics) throws MqttException {
    try (Device device = door.connect(own, id)) {
      for (String topic : topics) {
        device.retain("devices/" + id + "/" + topic);
      }
      device.retain("shared/state");
    }
  }

  /** The topics that somebody gets who subscribes now, once these are among them. */
  private List<String> retained(String... expected) throws MqttException {
    try (Device app = door.connect(door.pki().device("app-r", "application"), "app-r/1")) {
      assertThat(app.subscribe("devices/#")).isEqualTo(1);
      assertThat(app.subscribe("shared/#")).isEqualTo(1);
      Awaitility.await().until(() -> app.received().containsAll(List.of(expected)));
      return List.copyOf(app.received());
    }
  }

  @Test
  void whoWasEndedAndWhyIsReportedToTheService() throws MqttException {
    TestCa own = door.pki().device("d-told", "sensor");
    try (Device device = door.connect(own, "d-told")) {
      door.feed().awaitAcknowledged(door.feed().revoke("d-told", own));
      assertThat(device.lostReason()).isEqualTo(NOT_AUTHORIZED);
    }
    awaitReport("\"session\"", "d-told", "certificate-revoked");
  }

  private void awaitReport(String... parts) {
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(door.feed().reports())
                    .anyMatch(report -> Stream.of(parts).allMatch(report::contains)));
  }
}
