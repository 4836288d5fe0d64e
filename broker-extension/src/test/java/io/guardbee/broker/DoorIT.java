package io.guardbee.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.Serial;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.awaitility.Awaitility;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who comes in, who does not, what they may do, and how they are thrown out. */
class DoorIT {

  static final String POLICY =
      """
      version: 1
      rules:
        - name: sensors
          when: { issuer: issuing, subject.OU: sensor }
          clientId: "${subject.CN}"
          allow:
            - publish: "devices/${subject.CN}/telemetry/#"
              qos: [0, 1]
            - subscribe: "devices/${subject.CN}/commands/#"
        - name: backends
          when: { issuer: issuing, subject.OU: application }
          clientId: "${subject.CN}/*"
          maxConnections: 2
          allow:
            - subscribe: "devices/+/telemetry/#"
            - publish: "devices/+/commands/#"
        - name: mute
          when: { issuer: issuing, subject.OU: mute }
          clientId: "${subject.CN}"
      """;

  private static final int NOT_AUTHORIZED = MqttReturnCode.RETURN_CODE_NOT_AUTHORIZED;
  private static final int CLIENT_ID_NOT_VALID = MqttReturnCode.RETURN_CODE_IDENTIFIER_NOT_VALID;

  @TempDir static Path home = Path.of("");
  static Pki pki;
  static FeedServer feed;
  static BrokerProcess broker;

  @BeforeAll
  static void start() throws IOException {
    pki = Pki.make();
    pki.writeHome(home);
    writePolicy(home, POLICY);
    feed = new FeedServer(pki);
    broker = BrokerProcess.startAndFollow(home, feed.url());
  }

  static void writePolicy(Path home, String policy) throws IOException {
    Path file = home.resolve("broker/extensions/guardbee/conf/policy.yaml");
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, policy);
  }

  @AfterAll
  static void stop() {
    broker.close();
    feed.close();
  }

  private static Device connect(TestCa own, String clientId) throws MqttException {
    return Device.connect(clientId, pki.context(own), broker.port());
  }

  private static Device persistent(TestCa own, String clientId) throws MqttException {
    return Device.connect(clientId, pki.context(own), broker.port(), DoorIT::persistent);
  }

  private static void persistent(MqttConnectionOptions options) {
    options.setCleanStart(false);
    options.setSessionExpiryInterval(3600L);
  }

  /** The handshake or the CONNECT fails, and the broker tells why, with the name. */
  private static void assertRefused(TestCa own, String clientId, String... logged) {
    assertThatThrownBy(() -> connect(own, clientId)).isInstanceOf(MqttException.class);
    broker.awaitLine(logged);
  }

  private static void assertRefused(int code, TestCa own, String clientId, String... logged)
      throws IOException {
    try (RawMqtt raw = new RawMqtt(pki.context(own), broker.port(), "TLSv1.3")) {
      assertThat(raw.connect(clientId)).isEqualTo(code);
    }
    broker.awaitLine(logged);
  }

  @Test
  void deviceConnectsAndUsesItsOwnTopics() throws MqttException {
    try (Device app = connect(pki.device("app-own", "application"), "app-own/1");
        Device device = connect(pki.device("d-own", "sensor"), "d-own")) {
      assertThat(app.subscribe("devices/+/telemetry/#")).isEqualTo(1);
      assertThat(device.subscribe("devices/d-own/commands/#")).isEqualTo(1);
      assertThat(device.publish("devices/d-own/telemetry/temp")).isZero();
      assertThat(app.publish("devices/d-own/commands/reboot")).isZero();
      Awaitility.await()
          .untilAsserted(() -> assertThat(app.received()).contains("devices/d-own/telemetry/temp"));
      Awaitility.await()
          .untilAsserted(
              () -> assertThat(device.received()).contains("devices/d-own/commands/reboot"));
    }
  }

  @Test
  void certificateOfAnotherAuthorityIsRefused() {
    TestCa stranger = TestCa.root("Other Root").authority("issuing").device("d-other-ca");
    assertRefused(stranger, "d-other-ca", "refused TLS", "d-other-ca", "certificate-untrusted");
  }

  @Test
  void impostorWithTheAuthoritysNameIsRefused() {
    TestCa impostor = TestCa.root("Test Root").authority("issuing").device("d-impostor");
    assertRefused(impostor, "d-impostor", "d-impostor", "certificate-untrusted");
  }

  @Test
  void certificateOfTheOperationsAuthorityIsRefused() {
    TestCa operator = pki.operations().client("CN=operator,OU=operator");
    assertThatThrownBy(
            () -> Device.connect("operator", pki.insistentContext(operator), broker.port()))
        .isInstanceOf(MqttException.class);
    broker.awaitLine("refused TLS", "operator", "certificate-untrusted");
  }

  @Test
  void expiredCertificateIsRefused() {
    TestCa expired =
        TestCa.draft("CN=d-expired,OU=sensor")
            .purpose(KeyPurposeId.id_kp_clientAuth)
            .valid(Instant.now().minusSeconds(7200), Instant.now().minusSeconds(3600))
            .signedBy(pki.issuing());
    assertRefused(expired, "d-expired", "d-expired", "certificate-expired");
  }

  @Test
  void certificateOfTheFutureIsRefused() {
    TestCa future =
        TestCa.draft("CN=d-future,OU=sensor")
            .purpose(KeyPurposeId.id_kp_clientAuth)
            .valid(Instant.now().plusSeconds(3600), Instant.now().plusSeconds(7200))
            .signedBy(pki.issuing());
    assertRefused(future, "d-future", "d-future", "certificate-not-yet-valid");
  }

  @Test
  void certificateWithoutClientAuthIsRefused() {
    TestCa server =
        TestCa.draft("CN=d-server,OU=sensor")
            .purpose(KeyPurposeId.id_kp_serverAuth)
            .signedBy(pki.issuing());
    assertRefused(server, "d-server", "d-server", "certificate-purpose-wrong");
  }

  @Test
  void authorityItselfIsRefused() {
    TestCa authority =
        TestCa.draft("CN=d-authority,OU=sensor")
            .purpose(KeyPurposeId.id_kp_clientAuth)
            .authority()
            .signedBy(pki.issuing());
    assertRefused(authority, "d-authority", "d-authority", "certificate-purpose-wrong");
  }

  @Test
  void addressStandsInTheLogBesideTheReasonOfARefusedHandshake() {
    TestCa stranger = TestCa.root("Other Root").authority("issuing").device("d-address");
    assertThatThrownBy(() -> connect(stranger, "d-address")).isInstanceOf(MqttException.class);
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(Pki.lines(home.resolve("broker/log/hivemq.log")))
                    .anyMatch(
                        line ->
                            line.contains("127.0.0.1")
                                && line.contains("d-address")
                                && line.contains("certificate-untrusted")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CN=\\+,OU=sensor",
        "CN=\\#,OU=sensor",
        "CN=a/b,OU=sensor",
        "CN=$SYS,OU=sensor",
        "CN=d\\00x,OU=sensor",
        "CN=d-1,CN=d-2,OU=sensor",
        "CN=d-1,OU=sensor,OU=application",
        "OU=sensor"
      })
  void hostileNameNeverEntersATopic(String subject) throws IOException {
    for (String clientId : List.of("+", "#", "a/b", "$SYS", "d-1", "d-2")) {
      assertRefused(
          NOT_AUTHORIZED,
          pki.issuing().client(subject),
          clientId,
          "refused CONNECT",
          "attribute-invalid",
          "\"" + clientId + "\"");
    }
  }

  @Test
  void multiValuedNameIsRefused() {
    assertRefused(pki.issuing().client("CN=d-multi+OU=sensor"), "d-multi", "attribute-invalid");
  }

  @Test
  void clientIdOfAnotherDeviceIsRefused() throws IOException {
    TestCa device = pki.device("d-thief", "sensor");
    assertRefused(
        CLIENT_ID_NOT_VALID,
        device,
        "d-victim",
        "refused CONNECT of d-thief",
        "serial " + Serial.of(device.certificate()),
        "client id \"d-victim\"",
        "from 127.0.0.1",
        "client-id-mismatch");
  }

  @Test
  void clientIdThatTheBrokerAssignsIsRefused() throws IOException {
    assertRefused(
        CLIENT_ID_NOT_VALID, pki.device("d-empty", "sensor"), "", "d-empty", "client-id-mismatch");
  }

  @Test
  void applicationUsesAnySuffixButNobodyElsesName() throws MqttException, IOException {
    TestCa app = pki.device("app-1", "application");
    try (Device one = connect(app, "app-1/a");
        Device two = connect(app, "app-1/b/c")) {
      assertThat(one.isConnected()).isTrue();
      assertThat(two.isConnected()).isTrue();
    }
    for (String clientId : List.of("app-1", "app-1/", "app-10/a", "app-10")) {
      assertRefused(CLIENT_ID_NOT_VALID, app, clientId, "\"" + clientId + "\"", "client-id-mis");
    }
  }

  @Test
  void profileWithoutARuleIsRefused() throws IOException {
    assertRefused(
        NOT_AUTHORIZED,
        pki.device("d-norule", "toaster"),
        "d-norule",
        "d-norule",
        "policy-no-rule");
  }

  @Test
  void identityWithoutPermissionsMayDoNothing() throws MqttException {
    try (Device mute = connect(pki.device("d-mute", "mute"), "d-mute")) {
      assertThat(mute.publish("devices/d-mute/telemetry/x")).isEqualTo(NOT_AUTHORIZED);
    }
    try (Device mute = connect(pki.device("d-mute", "mute"), "d-mute")) {
      assertThat(mute.subscribe("devices/d-mute/x")).isEqualTo(NOT_AUTHORIZED);
    }
  }

  @Test
  void topicOfAnotherDeviceIsRefusedWithAReasonCode() throws MqttException {
    try (Device device = connect(pki.device("d-nosy", "sensor"), "d-nosy")) {
      assertThat(device.publish("devices/d-victim/telemetry/x")).isEqualTo(NOT_AUTHORIZED);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "#",
        "+/+/+/#",
        "devices/#",
        "devices/+/commands/#",
        "devices/d-victim/commands/#",
        "$share/g/devices/d-victim/commands/#"
      })
  void subscriptionBeyondTheRightsIsRefused(String filter) throws MqttException {
    try (Device device = connect(pki.device("d-curious", "sensor"), "d-curious")) {
      assertThat(device.subscribe(filter)).isEqualTo(NOT_AUTHORIZED);
    }
  }

  @Test
  void qosAndRetainBeyondTheRightsAreRefused() throws MqttException {
    TestCa own = pki.device("d-qos", "sensor");
    try (Device watcher = connect(pki.device("app-r", "application"), "app-r/1");
        Device qos = connect(own, "d-qos")) {
      assertThat(watcher.subscribe("devices/+/telemetry/#")).isEqualTo(1);
      qos.publishAnyway("devices/d-qos/telemetry/twice", 2, false);
      assertThat(qos.awaitLost()).isNotZero();
      try (Device retained = connect(own, "d-qos")) {
        retained.publishAnyway("devices/d-qos/telemetry/kept", 0, true);
        assertThat(retained.awaitLost()).isNotZero();
      }
      try (Device device = connect(own, "d-qos")) {
        assertThat(device.publish("devices/d-qos/telemetry/after")).isZero();
      }
      Awaitility.await().until(() -> !watcher.received().isEmpty());
      assertThat(watcher.received()).containsExactly("devices/d-qos/telemetry/after");
    }
  }

  @Test
  void willOnAnothersTopicIsRefused() {
    TestCa own = pki.device("d-will", "sensor");
    assertThatThrownBy(
            () ->
                Device.connect(
                    "d-will",
                    pki.context(own),
                    broker.port(),
                    options -> options.setWill("devices/d-victim/telemetry/x", new MqttMessage())))
        .isInstanceOfSatisfying(
            MqttException.class, e -> assertThat(e.getReasonCode()).isEqualTo(NOT_AUTHORIZED));
  }

  @Test
  void revokedDeviceIsCutOffAndKeptOut() throws MqttException {
    TestCa own = pki.device("d-revoked", "sensor");
    try (Device app = connect(pki.device("app-w", "application"), "app-w/1");
        Device device =
            Device.connect(
                "d-revoked",
                pki.context(own),
                broker.port(),
                options ->
                    options.setWill("devices/d-revoked/telemetry/will", new MqttMessage()))) {
      assertThat(app.subscribe("devices/d-revoked/telemetry/#")).isEqualTo(1);
      long event = feed.revoke("d-revoked", own);
      assertThat(device.lostReason()).isEqualTo(NOT_AUTHORIZED);
      assertThat(feed.awaitAcknowledged(event)).isEqualTo(1);
      broker.awaitLine("ended connection of d-revoked", "certificate-revoked");
      assertRefused(own, "d-revoked", "refused TLS", "d-revoked", "certificate-revoked");
      // what the app gets next shows that no Will came before it
      assertThat(app.subscribe("devices/marker/telemetry/#")).isEqualTo(1);
      try (Device marker = connect(pki.device("marker", "sensor"), "marker")) {
        assertThat(marker.publish("devices/marker/telemetry/x")).isZero();
      }
      Awaitility.await().until(() -> app.received().contains("devices/marker/telemetry/x"));
      assertThat(app.received()).doesNotContain("devices/d-revoked/telemetry/will");
    }
  }

  @Test
  void otherDevicesOfTheSameSerialRangeStay() throws MqttException {
    TestCa own = pki.device("d-pair-1", "sensor");
    try (Device other = connect(pki.device("d-pair-2", "sensor"), "d-pair-2")) {
      feed.awaitAcknowledged(feed.revoke("d-pair-1", own));
      assertThat(other.publish("devices/d-pair-2/telemetry/x")).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void resumedTlsSessionOfARevokedDeviceIsRefused(String protocol) throws Exception {
    String id = "d-resumed-" + protocol.charAt(6);
    TestCa own = pki.device(id, "sensor");
    SSLContext context = pki.context(own);
    long created;
    try (RawMqtt first = new RawMqtt(context, broker.port(), protocol)) {
      assertThat(first.connect(id)).isZero();
      created = first.session().getCreationTime();
    }
    try (RawMqtt again = new RawMqtt(context, broker.port(), protocol)) {
      assertThat(again.session().getCreationTime()).as("is resumed").isEqualTo(created);
      assertThat(again.connect(id)).isZero();
    }
    assertThat(feed.awaitAcknowledged(feed.revoke(id, own))).isLessThanOrEqualTo(1);
    try (RawMqtt resumed = new RawMqtt(context, broker.port(), protocol)) {
      assertThat(resumed.session().getCreationTime()).as("is resumed").isEqualTo(created);
      assertThat(resumed.connect(id)).isEqualTo(NOT_AUTHORIZED);
    }
    broker.awaitLine("refused CONNECT of " + id, "certificate-revoked");
    assertThat(broker.has("refused TLS handshake of " + id)).isFalse();
  }

  @Test
  void queueOfARevokedDeviceThatIsOfflineIsGone() throws MqttException {
    TestCa own = pki.device("d-offline", "sensor");
    Device device = persistent(own, "d-offline");
    assertThat(device.subscribe("devices/d-offline/commands/#")).isEqualTo(1);
    device.disconnect();
    device.close();
    try (Device app = connect(pki.device("app-q", "application"), "app-q/1")) {
      assertThat(app.publish("devices/d-offline/commands/secret")).isZero();
    }
    assertThat(feed.awaitAcknowledged(feed.revoke("d-offline", own))).isZero();
    try (Device enrolledAgain = persistent(pki.device("d-offline", "sensor"), "d-offline")) {
      assertThat(enrolledAgain.sessionPresent()).isFalse();
      assertThat(enrolledAgain.subscribe("devices/d-offline/commands/#")).isEqualTo(1);
      try (Device app = connect(pki.device("app-q", "application"), "app-q/1")) {
        assertThat(app.publish("devices/d-offline/commands/next")).isZero();
      }
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(enrolledAgain.received())
                      .containsExactly("devices/d-offline/commands/next"));
    }
  }

  @Test
  void sessionsBelowTheNameOfARevokedApplicationAreGone() throws MqttException {
    TestCa own = pki.device("app-gone", "application");
    Device device = persistent(own, "app-gone/worker");
    assertThat(device.subscribe("devices/+/telemetry/#")).isEqualTo(1);
    device.disconnect();
    device.close();
    feed.awaitAcknowledged(feed.revoke("app-gone", own));
    TestCa again = pki.device("app-gone", "application");
    try (Device back = persistent(again, "app-gone/worker")) {
      assertThat(back.sessionPresent()).isFalse();
    }
  }

  @Test
  void renewedDeviceKeepsItsSessionAndQueue() throws MqttException {
    Device device = persistent(pki.device("d-renew", "sensor"), "d-renew");
    assertThat(device.subscribe("devices/d-renew/commands/#")).isEqualTo(1);
    device.disconnect();
    device.close();
    try (Device app = connect(pki.device("app-n", "application"), "app-n/1")) {
      assertThat(app.publish("devices/d-renew/commands/wait")).isZero();
    }
    try (Device renewed = persistent(pki.device("d-renew", "sensor"), "d-renew")) {
      assertThat(renewed.sessionPresent()).isTrue();
      Awaitility.await()
          .untilAsserted(
              () -> assertThat(renewed.received()).contains("devices/d-renew/commands/wait"));
    }
  }

  @Test
  void supersededCertificateIsCutOffAndItsDeviceKeepsItsQueue() throws MqttException {
    TestCa before = pki.device("d-next", "sensor");
    Device first = persistent(before, "d-next");
    assertThat(first.subscribe("devices/d-next/commands/#")).isEqualTo(1);
    assertThat(feed.awaitAcknowledged(feed.supersede("d-next", before))).isEqualTo(1);
    first.close();
    try (Device app = connect(pki.device("app-s", "application"), "app-s/1")) {
      assertThat(app.publish("devices/d-next/commands/wait")).isZero();
    }
    assertRefused(before, "d-next", "is superseded");
    try (Device renewed = persistent(pki.device("d-next", "sensor"), "d-next")) {
      assertThat(renewed.sessionPresent()).isTrue();
      Awaitility.await()
          .untilAsserted(
              () -> assertThat(renewed.received()).contains("devices/d-next/commands/wait"));
    }
  }

  @Test
  void suspendedDeviceIsCutOffWithItsQueueAndComesInAgainOnceItIsReinstated() throws Exception {
    TestCa own = pki.device("d-held", "sensor");
    Device device = persistent(own, "d-held");
    assertThat(device.subscribe("devices/d-held/commands/#")).isEqualTo(1);
    assertThat(feed.awaitAcknowledged(feed.suspend("d-held", own))).isEqualTo(1);
    assertThat(device.lostReason()).isEqualTo(NOT_AUTHORIZED);
    device.close();
    broker.awaitLine("ended connection of d-held", "certificate-suspended");
    assertRefused(own, "d-held", "refused", "d-held", "certificate-suspended", "reinstate d-held");
    try (Device app = connect(pki.device("app-h", "application"), "app-h/1")) {
      assertThat(app.publish("devices/d-held/commands/secret")).isZero();
    }
    feed.awaitAcknowledged(feed.reinstate("d-held", own));
    try (Device back = persistent(own, "d-held")) {
      assertThat(back.sessionPresent()).as("its session was dropped").isFalse();
      assertThat(back.publish("devices/d-held/telemetry/x")).isZero();
    }
  }

  @Test
  void renewedDeviceTakesItsConnectionOverAndStaysWhenTheOldCertificateIsRevoked()
      throws MqttException {
    TestCa before = pki.device("d-over", "sensor");
    try (Device first = persistent(before, "d-over");
        Device second = persistent(pki.device("d-over", "sensor"), "d-over")) {
      assertThat(first.lostReason()).isEqualTo(MqttReturnCode.RETURN_CODE_SESSION_TAKEN_OVER);
      feed.awaitAcknowledged(feed.revoke("d-over", before));
      assertThat(second.publish("devices/d-over/telemetry/x")).isZero();
    }
  }

  @Test
  void connectionEndsWithItsCertificate() throws MqttException {
    TestCa brief =
        TestCa.draft("CN=d-brief,OU=sensor")
            .purpose(KeyPurposeId.id_kp_clientAuth)
            .valid(Instant.now().minusSeconds(60), Instant.now().plusSeconds(4))
            .signedBy(pki.issuing());
    try (Device device = connect(brief, "d-brief")) {
      assertThat(device.publish("devices/d-brief/telemetry/x")).isZero();
      assertThat(device.lostReason()).isEqualTo(NOT_AUTHORIZED);
      broker.awaitLine("ended connection of d-brief", "certificate-expired");
    }
  }

  @Test
  void revokedWhileConnectingIsNeverLeftConnected() throws Exception {
    for (int i = 0; i < 12; i++) {
      String id = "d-race-" + i;
      TestCa own = pki.device(id, "sensor");
      SSLContext context = pki.context(own);
      try (RawMqtt raw = new RawMqtt(context, broker.port(), "TLSv1.2")) {
        Thread revoker = new Thread(() -> feed.revoke(id, own));
        revoker.start();
        boolean refused = isRefused(raw, id);
        revoker.join();
        assertThat(refused || raw.awaitClosed()).isTrue();
      }
    }
  }

  /** Also when it is told to leave, or closed, before it is told that it is in. */
  private static boolean isRefused(RawMqtt raw, String id) {
    try {
      return raw.connect(id) != 0;
    } catch (IOException e) {
      return true;
    }
  }

  /** By a bare socket: what a client library does after the close is not the broker's time. */
  @Test
  void revokedConnectionIsClosedBeforeItIsAcknowledged() throws Exception {
    int rounds = 60;
    List<Long> micros = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      String id = "d-quick-" + i;
      TestCa own = pki.device(id, "sensor");
      try (RawMqtt raw = new RawMqtt(pki.context(own), broker.port(), "TLSv1.3")) {
        assertThat(raw.connect(id)).isZero();
        long begin = System.nanoTime();
        long event = feed.revoke(id, own);
        assertThat(raw.awaitClosed()).isTrue();
        micros.add((System.nanoTime() - begin) / 1000);
        assertThat(feed.awaitAcknowledged(event)).isEqualTo(1);
      }
    }
    Collections.sort(micros);
    System.err.printf(
        "revoke to closed, microseconds: least %d, median %d, most %d%n",
        micros.get(0), micros.get(rounds / 2), micros.get(rounds - 1));
  }
}
