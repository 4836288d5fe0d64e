package io.guardbee.broker;

import static io.guardbee.broker.MqttWire.V311;
import static io.guardbee.broker.MqttWire.V5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.Pem;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** A policy that changes under open connections and sessions, and whom it denies what. */
@ExtendWith(SharedDoor.class)
class LiveChangeIT {

  private static final int NOT_AUTHORIZED = MqttReturnCode.RETURN_CODE_NOT_AUTHORIZED;
  private static final int NOT_AUTHORIZED_311 = 5;
  private static final int SERVER_UNAVAILABLE = 136;
  private static final int REFUSED_311 = 0x80;

  private static final String POLICY =
      """
      version: 1
      rules:
        - name: sensors
          when: { issuer: issuing, subject.OU: sensor }
          clientId: "${subject.CN}"
          allow:
            - publish: "devices/${subject.CN}/telemetry/#"
              retain: true
            - subscribe: "devices/${subject.CN}/commands/#"
            - subscribe: "devices/${subject.CN}/orders/#"
              qos: [0, 1]
          deny:
            - subscribe: "devices/${subject.CN}/orders/secret/#"
        - name: backends
          when: { issuer: issuing, subject.OU: application }
          clientId: "${subject.CN}/*"
          maxConnections: 10
          allow:
            - subscribe: "devices/+/telemetry/#"
            - publish: "devices/+/commands/#"
            - publish: "devices/+/orders/#"
        - name: named-by-dns
          when: { subject.OU: meter }
          clientId: "${san.dns}"
          allow:
            - subscribe: "meters/${san.dns}/#"
      """;

  private final SharedDoor.Running door;
  private long version;

  @TempDir Path folder = Path.of("");

  LiveChangeIT(SharedDoor.Running door) {
    this.door = door;
  }

  @BeforeEach
  void begin() {
    version = door.enforce(POLICY);
  }

  private TestCa sensor(String id) {
    return door.pki().device(id, "sensor");
  }

  private Device app(String id) throws MqttException {
    return door.connect(door.pki().device(id, "application"), id + "/1");
  }

  @Test
  void rightsAreLostAndGainedOnTheOpenConnection() throws MqttException {
    try (Device app = app("app-live");
        Device device = door.connect(sensor("d-live"), "d-live")) {
      assertThat(device.subscribe("devices/d-live/commands/#")).isEqualTo(1);
      assertThat(device.subscribe("devices/d-live/orders/#")).isEqualTo(NOT_AUTHORIZED);
      assertThat(device.subscribe("devices/d-live/orders/a")).isEqualTo(1);
      assertThat(device.publish("devices/d-live/telemetry/x")).isZero();

      door.enforce(POLICY.replace("}/commands/#", "}/wishes/#").replace("+/orders/#", "+/+/#"));
      door.broker().awaitLine("ended subscription of d-live", "devices/d-live/commands/#");
      assertThat(app.publish("devices/d-live/commands/lost")).isZero();
      assertThat(device.subscribe("devices/d-live/wishes/#")).as("gained").isEqualTo(1);
      assertThat(app.publish("devices/d-live/wishes/gained")).isZero();
      assertThat(app.publish("devices/d-live/orders/a")).as("kept").isZero();
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(device.received())
                      .containsExactlyInAnyOrder(
                          "devices/d-live/wishes/gained", "devices/d-live/orders/a"));
      assertThat(device.subscribe("devices/d-live/commands/#")).isEqualTo(NOT_AUTHORIZED);
      assertThat(device.publish("devices/d-live/telemetry/x")).as("kept").isZero();

      door.enforce(POLICY.replace("}/telemetry/#", "}/values/#"));
      assertThat(device.publish("devices/d-live/values/x")).as("gained").isZero();
      assertThat(device.publish("devices/d-live/telemetry/x")).isEqualTo(NOT_AUTHORIZED);
    }
  }

  @Test
  void whatIsQueuedForSomebodyAwayIsDeliveredByTheRightsOfNow() throws MqttException {
    TestCa own = sensor("d-away");
    Device device = door.persistent(own, "d-away");
    assertThat(device.subscribe("devices/d-away/commands/#")).isEqualTo(1);
    assertThat(device.subscribe("devices/d-away/orders/kept")).isEqualTo(1);
    device.disconnect();
    device.close();
    try (Device app = app("app-away")) {
      assertThat(app.publish("devices/d-away/commands/lost")).isZero();
      assertThat(app.publish("devices/d-away/orders/kept")).isZero();
    }
    door.enforce(POLICY.replace("}/commands/#", "}/wishes/#"));
    try (Device back = door.persistent(own, "d-away")) {
      assertThat(back.sessionPresent()).isTrue();
      Awaitility.await()
          .untilAsserted(
              () -> assertThat(back.received()).containsExactly("devices/d-away/orders/kept"));
    }
    door.broker().awaitLine("not delivered to d-away", "devices/d-away/commands/lost");
  }

  @Test
  void whatIsQueuedForASlowConnectionIsNotDeliveredOnceItIsLost() throws Exception {
    try (Device app = app("app-slow");
        MqttWire slow = door.wire(sensor("d-slow"))) {
      assertThat(slow.connect(V5, "d-slow", true, 1)).isZero();
      assertThat(slow.subscribe("devices/d-slow/commands/#", 1)).isEqualTo(1);
      assertThat(slow.subscribe("devices/d-slow/orders/a", 1)).isEqualTo(1);
      slow.holdBack();
      for (int i = 0; i < 5; i++) {
        assertThat(app.publish("devices/d-slow/commands/" + i)).isZero();
      }
      slow.awaitMessage("devices/d-slow/commands/0");
      door.enforce(POLICY.replace("}/commands/#", "}/wishes/#"));
      assertThat(app.publish("devices/d-slow/orders/a")).isZero();
      slow.acknowledge();
      slow.awaitMessage("devices/d-slow/orders/a");
      assertThat(slow.received())
          .containsExactly("devices/d-slow/commands/0", "devices/d-slow/orders/a");
    }
  }

  /** It cannot know whom the version in force keeps out; the service has told it to all others. */
  @Test
  void nodeThatCannotApplyTheVersionInForceTakesNoNewConnections() throws Exception {
    try (Device device = door.connect(sensor("d-open"), "d-open")) {
      long refused = door.enforceInVain(POLICY + "futureKey: 1\n");
      assertThat(device.publish("devices/d-open/telemetry/x")).as("by the policy before").isZero();
      try (MqttWire wire = door.wire(sensor("d-new"))) {
        assertThat(wire.connect(V5, "d-new", true, 1)).isEqualTo(SERVER_UNAVAILABLE);
      }
      door.broker()
          .awaitLine("refused CONNECT of d-new", "policy-not-applied", "policy version " + refused);
      assertThat(device.isConnected()).isTrue();
      door.enforce(POLICY);
    }
    door.connect(sensor("d-new"), "d-new").close();
  }

  @Test
  void connectionEndsOnlyWhenItsIdentityHasNoRuleAnyMore() throws MqttException {
    TestCa own = sensor("d-ruled");
    try (Device app = app("app-ruled");
        Device device = door.persistent(own, "d-ruled")) {
      assertThat(device.subscribe("devices/d-ruled/commands/#")).isEqualTo(1);
      door.enforce(POLICY.replace("subject.OU: sensor", "subject.OU: probe"));
      assertThat(device.lostReason()).isEqualTo(NOT_AUTHORIZED);
      door.broker().awaitLine("ended connection of d-ruled", "policy-no-rule");
      assertThat(app.isConnected()).isTrue();
    }
    assertThatThrownBy(() -> door.connect(own, "d-ruled")).isInstanceOf(MqttException.class);
    door.enforce(POLICY);
    try (Device back = door.persistent(own, "d-ruled")) {
      assertThat(back.sessionPresent()).as("the identity was never out").isTrue();
    }
  }

  @Test
  void connectionWhoseWillIsNoLongerAllowedEndsWithoutIt() throws MqttException {
    try (Device app = app("app-will");
        Device device =
            door.connect(
                sensor("d-will"),
                "d-will",
                options -> options.setWill("devices/d-will/telemetry/w", new MqttMessage()))) {
      assertThat(app.subscribe("devices/+/telemetry/#")).isEqualTo(1);
      door.enforce(POLICY.replace("}/telemetry/#", "}/values/#"));
      assertThat(device.lostReason()).isEqualTo(NOT_AUTHORIZED);
      door.broker().awaitLine("ended connection of d-will", "topic-not-allowed", "Will");
      door.enforce(POLICY);
      try (Device marker = door.connect(sensor("d-marker"), "d-marker")) {
        assertThat(marker.publish("devices/d-marker/telemetry/m")).isZero();
      }
      Awaitility.await().until(() -> app.received().contains("devices/d-marker/telemetry/m"));
      assertThat(app.received()).doesNotContain("devices/d-will/telemetry/w");
    }
  }

  @Test
  void refusedSubscriptionIsToldInTheWordsOfEachVersion() throws Exception {
    TestCa own = sensor("d-words");
    try (MqttWire five = door.wire(own)) {
      assertThat(five.connect(V5, "d-words", true)).isZero();
      assertThat(five.subscribe("devices/d-words/orders/#", 1)).isEqualTo(NOT_AUTHORIZED);
      assertThat(five.reason()).contains("topic-not-allowed", "devices/d-words/orders/secret/#");
      assertThat(five.subscribe("devices/d-words/orders/a", 2)).isEqualTo(NOT_AUTHORIZED);
      assertThat(five.reason()).contains("qos");
      assertThat(five.subscribe("$share/g/devices/d-words/commands/#", 1)).isEqualTo(1);
      assertThat(five.ping()).as("stays").isTrue();
    }
    try (MqttWire three = door.wire(own)) {
      assertThat(three.connect(V311, "d-words", true)).isZero();
      assertThat(three.subscribe("devices/d-words/orders/#", 1)).isEqualTo(REFUSED_311);
      assertThat(three.subscribe("devices/d-words/commands/#", 1)).isEqualTo(1);
      assertThat(three.publish("devices/d-words/telemetry/x", 1)).isZero();
      assertThat(three.publish("devices/other/telemetry/x", 1)).isEqualTo(MqttWire.CLOSED);
    }
    try (MqttWire three = door.wire(own)) {
      assertThat(three.connect(V311, "d-other", true)).isNotZero();
    }
    try (MqttWire three = door.wire(door.pki().device("d-none", "toaster"))) {
      assertThat(three.connect(V311, "d-none", true)).isEqualTo(NOT_AUTHORIZED_311);
    }
  }

  @Test
  void mosquittoIsRefusedAndServedAsTheRightsSay() throws Exception {
    writeCredentials(sensor("d-mosq"));
    String retained = "devices/d-mosq/telemetry/x";
    assertThat(mosquitto("mosquitto_pub", retained, "-q", "1", "-r", "-m", "hi")).isEmpty();
    assertThat(mosquitto("mosquitto_sub", "devices/d-mosq/orders/#", "-q", "1", "-W", "20"))
        .contains("All subscription requests were denied");
  }

  /** Whatever the version and the QoS: one line in the log, and all of them in the reports. */
  @Test
  void refusedTopicsAreCountedByTheirShape() throws Exception {
    writeCredentials(sensor("d-mosq"));
    String foreign = "devices/d-other/telemetry/a/b";
    for (String version : List.of("mqttv311", "mqttv5")) {
      for (String qos : List.of("0", "1", "2")) {
        mosquitto("mosquitto_pub", foreign, "-V", version, "-q", qos, "-m", "hi");
      }
    }
    mosquitto("mosquitto_pub", "$SYS/x", "-m", "hi");
    mosquitto("mosquitto_sub", "devices/+/telemetry/#", "-W", "20");
    awaitRefused(6, "publish", "devices/d-other/telemetry/...", "uncovered");
    awaitRefused(1, "publish", "$...", "uncovered");
    awaitRefused(1, "subscribe", "devices/+/telemetry/...", "uncovered");
    assertThat(door.broker().output())
        .filteredOn(line -> line.contains("refused PUBLISH of d-mosq serial"))
        .filteredOn(line -> line.contains(": devices/d-other/telemetry/...: nothing allows it"))
        .hasSize(1);
    assertThat(door.broker().has("refused SUBSCRIBE of d-mosq", "devices/+/telemetry/..."))
        .isTrue();
  }

  private void awaitRefused(int times, String action, String filter, String reason) {
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(
                        door.feed().reports().stream()
                            .map(JsonMapper.shared()::readTree)
                            .flatMap(report -> report.path("refusedRequests").valueStream())
                            .filter(one -> one.path("deviceId").asString("").equals("d-mosq"))
                            .filter(one -> one.path("action").asString().equals(action))
                            .filter(one -> one.path("filter").asString().equals(filter))
                            .filter(one -> one.path("reason").asString().equals(reason))
                            .mapToInt(one -> one.path("times").asInt())
                            .sum())
                    .isEqualTo(times));
  }

  private void writeCredentials(TestCa own) throws IOException {
    Files.writeString(folder.resolve("root.pem"), Pem.certificate(door.pki().root().certificate()));
    Files.writeString(folder.resolve("own.pem"), Pem.certificates(own.chain()));
    Files.writeString(folder.resolve("own.key"), Pem.privateKey(own.key()));
  }

  private String mosquitto(String command, String topic, String... more) throws Exception {
    List<String> line =
        new java.util.ArrayList<>(
            List.of(command, "-V", "mqttv311", "-h", "localhost", "-i", "d-mosq", "-t", topic));
    line.addAll(List.of("-p", Integer.toString(door.broker().port())));
    line.addAll(List.of("--cafile", "root.pem", "--cert", "own.pem", "--key", "own.key"));
    line.addAll(List.of(more));
    Process process =
        new ProcessBuilder(line).directory(folder.toFile()).redirectErrorStream(true).start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
      return output;
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void foreseenPolicyChangesNothingAndABrokenOneIsRefused() throws MqttException {
    try (Device device = door.connect(sensor("d-fore"), "d-fore")) {
      assertThat(device.subscribe("devices/d-fore/commands/#")).isEqualTo(1);
      String other = POLICY.replace("}/commands/#", "}/wishes/#");
      long foreseen = door.order("foresee", other, "foreseen");
      Awaitility.await()
          .until(
              () ->
                  door.feed().answers().stream()
                      .anyMatch(
                          answer ->
                              answer.contains("\"version\":" + foreseen)
                                  && answer.contains("d-fore")
                                  && answer.contains("subscribe devices/d-fore/wishes/#")));
      assertThat(device.subscribe("devices/d-fore/commands/#")).isEqualTo(1);
      assertThat(device.subscribe("devices/d-fore/wishes/#")).isEqualTo(NOT_AUTHORIZED);
    }
    long broken = door.versions().incrementAndGet();
    door.feed().policy(broken, "foresee", POLICY + "nonsense: true\n");
    door.broker().awaitLine("policy version " + broken + " refused", "nonsense");
    try (Device device = door.connect(sensor("d-fore"), "d-fore")) {
      assertThat(device.publish("devices/d-fore/telemetry/x")).isZero();
    }
    assertThat(version).isLessThan(broken);
  }

  @Test
  void suspendedDeviceIsOutWithItsSessionUntilItIsReinstated() throws MqttException {
    TestCa own = sensor("d-held");
    try (Device device = door.persistent(own, "d-held")) {
      assertThat(device.subscribe("devices/d-held/commands/#")).isEqualTo(1);
      long event = door.feed().suspend("d-held", own);
      assertThat(device.lostReason()).isEqualTo(NOT_AUTHORIZED);
      assertThat(door.feed().awaitAcknowledged(event)).isEqualTo(1);
    }
    assertThatThrownBy(() -> door.connect(own, "d-held")).isInstanceOf(MqttException.class);
    door.feed().awaitAcknowledged(door.feed().reinstate("d-held", own));
    try (Device back = door.persistent(own, "d-held")) {
      assertThat(back.sessionPresent()).isFalse();
    }
  }

  /** Shorter than the same without a broker, in DoorRaceTests. */
  @Test
  void inWhateverOrderStatusAndConnectFallTheLastWordHolds() throws Exception {
    for (int i = 0; i < 24; i++) {
      String id = "d-order-" + i;
      TestCa before = sensor(id);
      TestCa renewed = sensor(id);
      boolean reinstated = i % 2 == 0;
      try (MqttWire first = door.wire(before);
          MqttWire second = door.wire(renewed)) {
        Thread service =
            new Thread(
                () -> {
                  door.feed().supersede(id, before);
                  door.feed().suspend(id, renewed);
                  if (reinstated) {
                    door.feed().reinstate(id, renewed);
                  }
                });
        service.start();
        boolean out = connect(first, id) != 0;
        int code = connect(second, id);
        service.join();
        assertThat(out || first.awaitEnd() != 0).as("superseded").isTrue();
        assertThat(reinstated || code != 0 || second.awaitEnd() != 0).as("suspended").isTrue();
      }
      if (reinstated) {
        try (Device again = door.connect(renewed, id)) {
          assertThat(again.publish("devices/" + id + "/telemetry/x")).isZero();
        }
      }
    }
  }

  /** Who comes late is refused in the handshake. */
  private static int connect(MqttWire wire, String id) throws IOException {
    try {
      return wire.connect(V5, id, false);
    } catch (IOException e) {
      return MqttWire.CLOSED;
    }
  }

  @Test
  void sessionOfAnotherIdentityIsNeverFound() throws MqttException, IOException {
    TestCa one = meter("d-meter-1");
    TestCa other = meter("d-meter-2");
    try (Device first = door.persistent(one, "localhost")) {
      assertThat(first.subscribe("meters/localhost/#")).isEqualTo(1);
      try (MqttWire intruder = door.wire(other)) {
        assertThat(intruder.connect(V5, "localhost", false))
            .as("another identity never takes over")
            .isEqualTo(MqttReturnCode.RETURN_CODE_QUOTA_EXCEEDED);
      }
      assertThat(first.isConnected()).isTrue();
      first.disconnect();
    }
    try (Device renewed = door.persistent(meter("d-meter-1"), "localhost")) {
      assertThat(renewed.sessionPresent()).isTrue();
      renewed.disconnect();
    }
    try (Device second = door.persistent(other, "localhost")) {
      assertThat(second.sessionPresent()).isFalse();
    }
  }

  private TestCa meter(String id) {
    return TestCa.draft("CN=" + id + ",OU=meter")
        .purpose(KeyPurposeId.id_kp_clientAuth)
        .localhost()
        .signedBy(door.pki().issuing());
  }
}
