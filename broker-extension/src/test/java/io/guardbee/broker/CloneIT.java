package io.guardbee.broker;

import static io.guardbee.broker.MqttWire.V5;
import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Serial;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** One certificate in two places: two addresses of this machine. */
@ExtendWith(SharedDoor.class)
class CloneIT {

  private static final String HERE = "127.0.0.1";
  private static final String THERE = "127.0.0.2";
  private static final int NOT_AUTHORIZED = MqttReturnCode.RETURN_CODE_NOT_AUTHORIZED;

  private static final String POLICY =
      """
      version: 1
      rules:
        - name: alerted
          when: { subject.OU: alerted }
          clientId: "${subject.CN}"
        - name: several
          when: { subject.OU: several }
          clientId: "${subject.CN}/*"
          maxConnections: 3
          clones: refuse-new
        - name: strict
          when: { subject.OU: strict }
          clientId: "${subject.CN}/*"
          maxConnections: 3
          clones: suspend
      """;

  private final SharedDoor.Running door;

  CloneIT(SharedDoor.Running door) {
    this.door = door;
  }

  @BeforeEach
  void begin() {
    door.enforce(POLICY);
  }

  private void takeOver(TestCa own, String clientId, String... addresses) throws IOException {
    for (String address : addresses) {
      MqttWire wire = door.wire(own, address); // left open: the next one takes it over
      assertThat(wire.connect(V5, clientId, true)).isZero();
    }
  }

  @Test
  void fightForAConnectionRaisesTheAlarmAndRoamingDoesNot() throws IOException {
    TestCa roaming = door.pki().device("d-roams", "alerted");
    takeOver(roaming, "d-roams", HERE, THERE, "127.0.0.3", "127.0.0.4", "127.0.0.5");
    TestCa cloned = door.pki().device("d-cloned", "alerted");
    takeOver(cloned, "d-cloned", HERE, THERE, HERE, THERE, HERE);
    door.broker().awaitLine("ALARM", "of d-cloned is in two places", HERE, THERE, "clones: alert");
    takeOver(cloned, "d-cloned", THERE, HERE);
    assertThat(door.broker().has("ALARM", "d-roams")).isFalse();
    assertThat(door.broker().output().stream().filter(line -> line.contains("of d-cloned is in")))
        .as("told once")
        .hasSize(1);
  }

  @Test
  void twoPlacesAtOnceRaiseTheAlarmAndKeepNewOnesOut() throws IOException {
    TestCa own = door.pki().device("app-twice", "several");
    try (MqttWire one = door.wire(own, HERE);
        MqttWire same = door.wire(own, HERE)) {
      assertThat(one.connect(V5, "app-twice/1", true)).isZero();
      assertThat(same.connect(V5, "app-twice/2", true)).isZero();
      assertThat(one.ping() && same.ping()).isTrue();
      try (MqttWire other = door.wire(own, THERE)) {
        assertThat(other.connect(V5, "app-twice/3", true)).isZero();
        pingUntilTheAlarm(one, "app-twice");
      }
      try (MqttWire late = door.wire(own, THERE)) {
        assertThat(late.connect(V5, "app-twice/3", true)).isEqualTo(NOT_AUTHORIZED);
        assertThat(late.reason()).contains("clone-suspected");
      }
      try (MqttWire near = door.wire(own, HERE)) {
        assertThat(near.connect(V5, "app-twice/4", true)).as("from where it is known").isZero();
      }
    }
  }

  /** Signs of life that may have been on their way do not count. */
  private void pingUntilTheAlarm(MqttWire wire, String name) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              boolean heard = wire.ping();
              return door.broker().has("ALARM", "of " + name + " is in two places") || !heard;
            });
    door.broker().awaitLine("ALARM", "of " + name + " is in two places");
  }

  @Test
  void deviceThatRenewsAndConnectsAgainRaisesNoAlarm() throws IOException {
    TestCa before = door.pki().device("app-renews", "several");
    TestCa after = door.pki().device("app-renews", "several");
    try (MqttWire old = door.wire(before, HERE);
        MqttWire renewed = door.wire(after, HERE)) {
      assertThat(old.connect(V5, "app-renews/1", true)).isZero();
      assertThat(renewed.connect(V5, "app-renews/2", true)).isZero();
      assertThat(old.ping()).as("its old connection goes on for a moment").isTrue();
    }
    takeOver(after, "app-renews/1", HERE);
    takeOver(before, "app-renews/1", THERE); // rolled back, at another address
    assertThat(door.broker().has("ALARM", "of app-renews ")).isFalse();
  }

  @Test
  void predecessorAndSuccessorInTwoPlacesRaiseTheAlarm() throws IOException {
    TestCa before = door.pki().device("app-stolen", "several");
    TestCa after = door.pki().device("app-stolen", "several");
    try (MqttWire renewed = door.wire(after, HERE);
        MqttWire stolen = door.wire(before, THERE)) {
      assertThat(renewed.connect(V5, "app-stolen/1", true)).isZero();
      assertThat(stolen.connect(V5, "app-stolen/2", true)).isZero();
      pingUntilTheAlarm(renewed, "app-stolen");
      door.broker()
          .awaitLine("ALARM", " or ", "of app-stolen is in two places", HERE, THERE, "refuse-new");
    }
    TestCa fights = door.pki().device("d-fights", "alerted");
    TestCa other = door.pki().device("d-fights", "alerted");
    for (int i = 0; i < 3; i++) {
      takeOver(fights, "d-fights", HERE);
      takeOver(other, "d-fights", THERE);
    }
    door.broker().awaitLine("ALARM", "of d-fights is in two places", HERE, THERE);
  }

  @Test
  void firstUseOfACertificateIsReportedOnce() throws IOException {
    TestCa own = door.pki().device("d-first", "alerted");
    takeOver(own, "d-first", HERE, HERE);
    String serial = Serial.of(own.certificate()).toString();
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(door.feed().reports())
                    .anyMatch(report -> report.contains("\"serial\":\"" + serial + "\"")));
    takeOver(own, "d-first", HERE);
    TestCa last = door.pki().device("d-last", "alerted");
    takeOver(last, "d-last", HERE);
    String end = Serial.of(last.certificate()).toString();
    Awaitility.await()
        .until(() -> door.feed().reports().stream().anyMatch(report -> report.contains(end)));
    assertThat(door.feed().reports().stream().filter(report -> report.contains(serial))).hasSize(1);
  }

  @Test
  void suspendEndsAllAndKeepsAllOut() throws IOException {
    TestCa own = door.pki().device("app-strict", "strict");
    try (MqttWire one = door.wire(own, HERE);
        MqttWire other = door.wire(own, THERE)) {
      assertThat(one.connect(V5, "app-strict/1", true)).isZero();
      assertThat(other.connect(V5, "app-strict/2", true)).isZero();
      pingUntilTheAlarm(one, "app-strict");
      assertThat(one.awaitEnd()).isIn(NOT_AUTHORIZED, MqttWire.CLOSED);
      assertThat(other.awaitEnd()).isEqualTo(NOT_AUTHORIZED);
    }
    try (MqttWire again = door.wire(own, HERE)) {
      assertThat(again.connect(V5, "app-strict/1", true)).isEqualTo(NOT_AUTHORIZED);
    }
    // what the service decides counts instead
    door.feed().awaitAcknowledged(door.feed().suspend("app-strict", own));
    door.feed().awaitAcknowledged(door.feed().reinstate("app-strict", own));
    try (MqttWire again = door.wire(own, HERE)) {
      assertThat(again.connect(V5, "app-strict/1", true)).isZero();
    }
  }
}
