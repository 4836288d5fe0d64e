package io.guardbee.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.Serial;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.awaitility.Awaitility;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS at the door, its listeners, its authorities, and what is seen of it. */
class TlsIT {

  private static final int NOT_AUTHORIZED = MqttReturnCode.RETURN_CODE_NOT_AUTHORIZED;
  private static final int SESSION_SECONDS = 4;

  @TempDir static Path home = Path.of("");
  private static Pki pki;
  private static FeedServer feed;
  private static BrokerProcess broker;
  private static int port;
  private static String wss;

  @BeforeAll
  static void start() throws IOException {
    pki = Pki.make();
    pki.writeHome(home);
    DoorIT.writePolicy(home, DoorIT.POLICY);
    Files.writeString(
        home.resolve("broker/extensions/guardbee/conf/guardbee.yaml"),
        """
        node: broker-1
        service: https://localhost:8443
        identity: { certificate: ../../conf/broker.pem, key: ../../conf/broker.key }
        trust: { service: ../../../ca/root.pem, issuing: ../../../ca/issuing.pem }
        tls: { session: { cacheSize: 1, lifetime: PT%dS } }
        policy: conf/policy.yaml
        metrics: { listen: 127.0.0.1:0 }
        """
            .formatted(SESSION_SECONDS));
    feed = new FeedServer(pki);
    broker =
        BrokerProcess.launchWith(home, feed.url(), "--mqtts-port", "0", "--wss-port", "0")
            .awaitReady();
    broker.awaitLine("status of event");
    port = broker.port();
    wss = "wss://localhost:" + broker.portAfter("wss://localhost:") + "/mqtt";
  }

  @AfterAll
  static void stop() {
    broker.close();
    feed.close();
  }

  private static Device connect(TestCa own, String clientId) throws MqttException {
    return Device.connect(clientId, pki.context(own), port);
  }

  private static OpenSsl openssl(String id, TestCa... chain) throws IOException {
    return new OpenSsl(home.resolve("ssl-" + id), port, pki.device(id, "sensor"), List.of(chain));
  }

  private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
    int at = broker.portAfter("metrics and health on http://127.0.0.1:");
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at + path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private static double metric(String name) throws IOException, InterruptedException {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  /** The service hears of it. */
  private static void awaitReported(String... parts) {
    Awaitility.await()
        .alias("a report with " + List.of(parts))
        .until(
            () ->
                feed.reports().stream()
                    .flatMap(report -> List.of(report.split("(?=\\{\"at\")")).stream())
                    .anyMatch(one -> List.of(parts).stream().allMatch(one::contains)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256",
        "-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384",
        "-tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256",
        "-tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384",
        "-tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256"
      })
  void modernTlsIsSpoken(String options) throws IOException {
    assertThat(openssl("d-modern").connect(options.split(" ")))
        .contains("Verify return code", "Cipher is " + options.replaceFirst(".* ", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-tls1_1 -cipher ALL:@SECLEVEL=0",
        "-tls1 -cipher ALL:@SECLEVEL=0",
        "-tls1_2 -cipher AES128-GCM-SHA256:AES128-SHA:AES256-SHA256",
        "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA384",
        "-tls1_2 -cipher ECDHE-ECDSA-CHACHA20-POLY1305",
        "-tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256",
        "-tls1_2 -cipher aNULL:eNULL:@SECLEVEL=0"
      })
  void olderTlsIsRefusedAndSeen(String options) throws Exception {
    double before = metric("guardbee_refused_total{reason=\"tls-failed\"}");
    assertThat(openssl("d-old").connect(options.split(" "))).containsAnyOf("alert", "handshake");
    Awaitility.await()
        .until(() -> metric("guardbee_refused_total{reason=\"tls-failed\"}") > before);
    broker.awaitLine("TLS handshake from 127.0.0.1 failed", "tls-failed");
    awaitReported("\"stage\":\"handshake\"", "tls-failed", "\"address\":\"127.0.0.1\"");
  }

  @Test
  void refusedHandshakeIsToldWithReasonNameSerialAndAddress() throws Exception {
    TestCa stranger = TestCa.root("Other Root").authority("issuing").device("d-told");
    String metric = "guardbee_refused_total{reason=\"certificate-untrusted\"}";
    double before = metric(metric);
    assertThatThrownBy(() -> connect(stranger, "d-told")).isInstanceOf(MqttException.class);
    String serial = Serial.of(stranger.certificate()).toString();
    broker.awaitLine(
        "refused TLS handshake of d-told serial " + serial + " from 127.0.0.1",
        "certificate-untrusted");
    awaitReported(
        "\"stage\":\"handshake\"",
        "certificate-untrusted",
        "\"deviceId\":\"d-told\"",
        "\"serial\":\"" + serial + "\"",
        "\"address\":\"127.0.0.1\"");
    assertThat(metric(metric)).isEqualTo(before + 1);
  }

  @Test
  void chainThatIsTooLongOrALoopIsRefused() throws IOException {
    List<TestCa> twenty = new ArrayList<>();
    TestCa above = pki.issuing();
    for (int i = 0; i < 20; i++) {
      above = TestCa.draft("CN=level-" + i).authority().signedBy(above);
      twenty.add(above);
    }
    openssl("d-twenty", twenty.toArray(new TestCa[0])).connect("-tls1_2");
    broker.awaitLine("TLS handshake from 127.0.0.1 failed", "chain length");
    openssl("d-seven", twenty.subList(0, 6).toArray(new TestCa[0])).connect("-tls1_2");
    broker.awaitLine("of d-seven", "certificate-malformed", "the chain holds 7 certificates");
    openssl("d-loop", Collections.nCopies(3, pki.issuing()).toArray(new TestCa[0]))
        .connect("-tls1_2");
    broker.awaitLine("of d-loop", "certificate-malformed", "2 of them different");
  }

  @Test
  void whatIsNoTlsIsSeen() throws Exception {
    try (var socket = new java.net.Socket(java.net.InetAddress.getLoopbackAddress(), port)) {
      socket
          .getOutputStream()
          .write("GET / HTTP/1.0\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      socket.getInputStream().readAllBytes();
    }
    broker.awaitLine("TLS handshake from 127.0.0.1 failed", "not an SSL/TLS record");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_3", "-tls1_2", "-tls1_2 -no_ticket"})
  void sessionIsResumedForItsLifetimeAndNoLonger(String options) throws Exception {
    OpenSsl client = openssl("d-resume");
    List<String> all = new ArrayList<>(List.of(options.split(" ")));
    List<String> save = new ArrayList<>(all);
    save.addAll(List.of("-sess_out", "session"));
    List<String> use = new ArrayList<>(save);
    use.addAll(List.of("-sess_in", "session"));
    assertThat(client.connect(save.toArray(new String[0]))).contains("New, TLS");
    assertThat(client.connect(use.toArray(new String[0]))).contains("Reused, TLS");
    Awaitility.await()
        .pollInterval(Duration.ofSeconds(SESSION_SECONDS + 1)) // a resumption begins a new life
        .until(() -> client.connect(use.toArray(new String[0])).contains("New, TLS"));
  }

  @Test
  void mqttOverSecureWebSocketGoesThroughTheSameDoor() throws MqttException {
    TestCa own = pki.device("d-web", "sensor");
    try (Device app = connect(pki.device("app-web", "application"), "app-web/1");
        Device device = Device.connect("d-web", pki.context(own), wss, options -> {})) {
      assertThat(app.subscribe("devices/+/telemetry/#")).isEqualTo(1);
      assertThat(device.subscribe("devices/d-web/commands/#")).isEqualTo(1);
      assertThat(device.publish("devices/d-web/telemetry/temp")).isZero();
      assertThat(app.publish("devices/d-web/commands/reboot")).isZero();
      Awaitility.await().until(() -> app.received().contains("devices/d-web/telemetry/temp"));
      Awaitility.await().until(() -> device.received().contains("devices/d-web/commands/reboot"));
      assertThat(feed.awaitAcknowledged(feed.revoke("d-web", own))).isEqualTo(1);
      assertThat(device.lostReason()).isEqualTo(NOT_AUTHORIZED);
    }
    assertThatThrownBy(() -> Device.connect("d-web", pki.context(own), wss, options -> {}))
        .isInstanceOf(MqttException.class);
    TestCa stranger = TestCa.root("Other Root").authority("issuing").device("d-web-2");
    assertThatThrownBy(() -> Device.connect("d-web-2", pki.context(stranger), wss, options -> {}))
        .isInstanceOf(MqttException.class);
    broker.awaitLine("refused TLS handshake of d-web-2", "from 127.0.0.1", "certificate-untrusted");
  }

  @Test
  void authoritiesChangeWhileItRunsAndARetiredOneLetsNobodyInAnyMore() throws Exception {
    TestCa successor = pki.root().authority("issuing");
    TestCa next = successor.client("CN=d-next,OU=sensor,O=Acme");
    TestCa before = pki.device("d-before", "sensor");
    assertThatThrownBy(() -> connect(next, "d-next")).isInstanceOf(MqttException.class);
    try {
      feed.awaitAcknowledged(
          feed.tellTrust(
              List.of(pki.root().certificate()),
              List.of(successor.certificate(), pki.issuing().certificate())));
      connect(next, "d-next").close();
      try (RawMqtt first = new RawMqtt(pki.context(before), port, "TLSv1.3")) {
        assertThat(first.connect("d-before")).isZero();
      }
      try (Device live = connect(pki.device("d-live", "sensor"), "d-live");
          Device stays = connect(next, "d-next")) {
        feed.awaitAcknowledged(
            feed.tellTrust(List.of(pki.root().certificate()), List.of(successor.certificate())));
        assertThat(live.lostReason()).isEqualTo(NOT_AUTHORIZED);
        broker.awaitLine("ended connection of d-live", "certificate-untrusted");
        assertThat(stays.publish("devices/d-next/telemetry/x")).isZero();
      }
      connect(next, "d-next").close();
      assertThatThrownBy(() -> connect(before, "d-before")).isInstanceOf(MqttException.class);
      broker.awaitLine("refused TLS handshake of d-before", "certificate-untrusted");
    } finally {
      feed.awaitAcknowledged(
          feed.tellTrust(List.of(pki.root().certificate()), List.of(pki.issuing().certificate())));
    }
    connect(before, "d-before").close();
  }

  @Test
  void hostileAuthorityFromTheFeedIsRefusedAndTheOneInForceStays() throws Exception {
    TestCa hostileRoot = TestCa.root("Hostile");
    TestCa hostile = hostileRoot.authority("issuing");
    feed.awaitAcknowledged(
        feed.tellTrust(
            List.of(pki.root().certificate(), hostileRoot.certificate()),
            List.of(pki.issuing().certificate(), hostile.certificate())));
    broker.awaitLine("authorities told by the service are refused");
    assertThatThrownBy(() -> connect(hostile.device("d-hostile"), "d-hostile"))
        .isInstanceOf(MqttException.class);
    connect(pki.device("d-friendly", "sensor"), "d-friendly").close();
    feed.awaitAcknowledged(
        feed.tellTrust(List.of(pki.root().certificate()), List.of(pki.issuing().certificate())));
  }

  @Test
  void metricsAndHealthAreServed() throws Exception {
    double before = metric("guardbee_connects_total");
    try (Device device = connect(pki.device("d-metric", "sensor"), "d-metric")) {
      assertThat(device.isConnected()).isTrue();
      assertThat(metric("guardbee_connects_total")).isEqualTo(before + 1);
      assertThat(metric("guardbee_live_connections")).isPositive();
      assertThat(metric("guardbee_live_identities")).isPositive();
      assertThat(get("/metrics").body())
          .contains(
              "guardbee_feed_event ",
              "guardbee_feed_lag_seconds ",
              "guardbee_index_entries ",
              "guardbee_index_bytes ",
              "guardbee_policy_version ",
              "guardbee_clones_total ",
              "guardbee_reports_dropped ",
              "guardbee_decision_seconds_bucket{le=\"0.001\"}",
              "# TYPE guardbee_refused_total counter",
              "com_hivemq_")
          .doesNotContain("io_guardbee");
    }
    HttpResponse<String> health = get("/health");
    assertThat(health.statusCode()).isEqualTo(200);
    assertThat(health.body())
        .contains("\"status\":\"current\"", "\"serving\":true", "\"node\":\"broker-1\"");
    assertThat(get("/else").statusCode()).isEqualTo(404);
  }

  @Test
  void nodeReportsItself() {
    awaitReported("\"node\":\"broker-1\"", "\"hivemq\":\"", "\"startedAt\":\"2");
  }
}
