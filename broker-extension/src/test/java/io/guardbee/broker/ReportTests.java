package io.guardbee.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.policy.RefusedVersion;
import io.guardbee.broker.report.CloneAlarm;
import io.guardbee.broker.report.FirstUse;
import io.guardbee.broker.report.Node;
import io.guardbee.broker.report.Observation;
import io.guardbee.broker.report.PolicyAnswer;
import io.guardbee.broker.report.Refusal;
import io.guardbee.broker.report.RefusedRequest;
import io.guardbee.broker.report.ReportSender;
import io.guardbee.broker.service.ServiceClient;
import io.guardbee.broker.status.CertificateKey;
import io.guardbee.broker.watch.DoorMetrics;
import io.guardbee.broker.watch.Vitals;
import io.guardbee.broker.watch.Watchpost;
import io.guardbee.pki.Reason;
import io.guardbee.pki.Serial;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a node tells: to the service by itself, and to whoever asks it for metrics. */
class ReportTests {

  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  private static final Node NODE = new Node("broker-1", "1.2", "2025.5", NOW);

  private static final FirstUse FIRST_USE =
      new FirstUse(new CertificateKey("issuing", Serial.parse("0D")), "192.0.2.7");

  @TempDir Path home = Path.of("");
  private final Pki pki = Pki.make();
  private BrokerConfig config;
  private FeedServer service;
  private ReportSender sender;

  @BeforeEach
  void start() throws IOException {
    pki.writeHome(home);
    Path conf = Files.createDirectories(home.resolve("broker/extensions/guardbee/conf"));
    Files.writeString(
        conf.resolve("guardbee.yaml"),
        """
        node: broker-1
        service: https://localhost:8443
        identity: { certificate: ../../conf/broker.pem, key: ../../conf/broker.key }
        trust: { service: ../../../ca/root.pem, issuing: ../../../ca/issuing.pem }
        policy: conf/policy.yaml
        """);
    service = new FeedServer(pki);
    Properties overrides = new Properties();
    overrides.setProperty("guardbee.service", service.url());
    config = BrokerConfig.read(conf.resolveSibling("."), overrides);
    var threads = Executors.newCachedThreadPool();
    sender =
        new ReportSender(
            ServiceClient.of(config, Pki.identityInFiles(config), threads),
            NODE,
            threads,
            Clock.systemUTC());
  }

  @AfterEach
  void stop() {
    sender.close();
    service.close();
  }

  /** A node that heard the service then. */
  private record At(Instant contact, @Nullable RefusedVersion policyRefused) implements Vitals {

    At(Instant contact) {
      this(contact, null);
    }

    @Override
    public boolean isKnown() {
      return !contact.equals(Instant.MIN);
    }

    @Override
    public long feedEvent() {
      return 42;
    }

    @Override
    public long indexEntries() {
      return 7;
    }

    @Override
    public long indexBytes() {
      return 112;
    }

    @Override
    public int connections() {
      return 3;
    }

    @Override
    public int identities() {
      return 2;
    }

    @Override
    public long policyVersion() {
      return 5;
    }

    @Override
    public long policyObserved() {
      return 6;
    }

    @Override
    public String feedRefused() {
      return "another feed";
    }
  }

  private static Refusal refusal(int number) {
    return new Refusal(
        NOW,
        "handshake",
        Reason.CERTIFICATE_UNTRUSTED,
        "because",
        "d-" + number,
        "0A",
        "192.0.2.1",
        null);
  }

  private static JsonNode json(String text) {
    return JsonMapper.builder().build().readTree(text);
  }

  @Test
  void reportHoldsWhatTheServiceExpects() throws CertificateEncodingException {
    X509Certificate unconfirmed = TestCa.root("Acme").certificate();
    sender.unconfirmed(unconfirmed);
    sender.unconfirmed(unconfirmed);
    sender.refused(refusal(1));
    sender.cloned(
        new CloneAlarm(NOW, "d-2", "0B", "0C", List.of("192.0.2.1", "192.0.2.2"), "alert"));
    sender.accepted(FIRST_USE);
    sender.accepted(FIRST_USE);
    sender.observed(new Observation(6, "sensors", "d-3", "publish a/b", 2));
    sender.observed(new Observation(6, "sensors", "d-3", "publish a/b", 3));
    var kind = new RefusedRequest.Kind("d-4", "publish", "devices/d-5/...", "uncovered");
    sender.refusedRequest(kind, "192.0.2.8", NOW);
    sender.refusedRequest(kind, "192.0.2.8", NOW.plusSeconds(9));
    sender.start(new At(NOW));
    Awaitility.await().until(() -> !service.reports().isEmpty());
    assertThat(json(service.reports().get(0)))
        .isEqualTo(
            json(
                """
                {"node":"broker-1","extension":"1.2","hivemq":"2025.5","policyVersion":5,
                 "policyObserved":6,"feedEvent":42,"feedRefused":"another feed","connections":3,
                 "startedAt":"2026-06-01T12:00:00Z","contact":"2026-06-01T12:00:00Z",
                 "refusals":[{"at":"2026-06-01T12:00:00Z","stage":"handshake",
                   "reason":"certificate-untrusted","detail":"because","deviceId":"d-1",
                   "serial":"0A","address":"192.0.2.1","clientId":null}],
                 "refusedRequests":[{"deviceId":"d-4","action":"publish",
                   "filter":"devices/d-5/...","reason":"uncovered","times":2,
                   "first":"2026-06-01T12:00:00Z","last":"2026-06-01T12:00:09Z",
                   "address":"192.0.2.8"}],
                 "clones":[{"at":"2026-06-01T12:00:00Z","deviceId":"d-2","serial":"0B",
                   "otherSerial":"0C","addresses":["192.0.2.1","192.0.2.2"],"action":"alert"}],
                 "observed":[{"version":6,"rule":"sensors","deviceId":"d-3",
                   "request":"publish a/b","count":5}],
                 "firstUses":[{"issuer":"issuing","serial":"0D","address":"192.0.2.7"}],
                 "unconfirmed":["%s"]}
                """
                    .formatted(Base64.getEncoder().encodeToString(unconfirmed.getEncoded()))));
  }

  @Test
  void answerHoldsWhatTheServiceExpects() {
    sender.start(new At(Instant.MIN));
    sender.answer(
        new PolicyAnswer(
            5,
            "foresee",
            "foreseen",
            "",
            2,
            1,
            List.of(
                new PolicyAnswer.Affected(
                    "d-1", "d-1", "sensors", "none", List.of("connect"), List.of()))));
    Awaitility.await().until(() -> !service.answers().isEmpty());
    assertThat(json(service.answers().get(0)))
        .isEqualTo(
            json(
                """
                {"version":5,"mode":"foresee","outcome":"foreseen","detail":"","connections":2,
                 "affectedCount":1,"node":"broker-1","affected":[{"deviceId":"d-1",
                   "clientId":"d-1","before":"sensors","after":"none","lost":["connect"],
                   "gained":[]}]}
                """));
  }

  @Test
  void whatIsTooMuchIsDroppedAndCountedAndTheRestIsToldInTheEnd() {
    int many = 1300;
    IntStream.range(0, many).forEach(i -> sender.refused(refusal(i)));
    assertThat(sender.dropped()).isEqualTo(300);
    sender.start(new At(NOW));
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(
                        service.reports().stream()
                            .mapToInt(report -> json(report).path("refusals").size())
                            .sum())
                    .isEqualTo(1000));
  }

  @Test
  void serviceInTroubleIsToldAgainAndOneThatRefusesIsNot() {
    service.answerReportsWith(503);
    sender.refused(refusal(1));
    sender.start(new At(NOW));
    Awaitility.await().during(Duration.ofSeconds(1)).until(() -> service.reports().isEmpty());
    service.answerReportsWith(204);
    Awaitility.await()
        .until(() -> service.reports().stream().anyMatch(report -> report.contains("\"d-1\"")));
    assertThat(sender.dropped()).isZero();

    service.answerReportsWith(404); // of an earlier version
    sender.refused(refusal(2));
    Awaitility.await().until(() -> sender.dropped() == 1);
    service.answerReportsWith(204);
    sender.refused(refusal(3));
    Awaitility.await()
        .until(() -> service.reports().stream().anyMatch(report -> report.contains("\"d-3\"")));
    assertThat(service.reports()).noneMatch(report -> report.contains("\"d-2\""));
  }

  private static HttpResponse<String> get(Watchpost post, String path) throws Exception {
    URI uri = URI.create("http:/" + post.address() + path);
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  private Watchpost watch(Vitals vitals, MetricRegistry registry) {
    DoorMetrics metrics = new DoorMetrics(registry);
    metrics.watch(vitals, Clock.systemUTC());
    metrics.accepted();
    metrics.refused(Reason.POLICY_NO_RULE);
    metrics.ended(Reason.CERTIFICATE_EXPIRED);
    metrics.refusedRequest("publish", "uncovered");
    metrics.cloned();
    metrics.decided(60_000);
    return Watchpost.open(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        metrics,
        new Watchpost.HealthAnswer(config, vitals, Clock.systemUTC()),
        Thread::new);
  }

  @Test
  void metricsAreInBothRegistries() throws Exception {
    MetricRegistry registry = new MetricRegistry();
    registry.counter("com.hivemq.messages.count").inc(9);
    try (Watchpost post = watch(new At(Instant.now()), registry)) {
      assertThat(get(post, "/metrics").body())
          .contains(
              "guardbee_connects_total 1.0",
              "guardbee_refused_total{reason=\"policy-no-rule\"} 1.0",
              "guardbee_ended_total{reason=\"certificate-expired\"} 1.0",
              "guardbee_requests_refused_total{action=\"publish\",reason=\"uncovered\"} 1.0",
              "guardbee_clones_total 1.0",
              "guardbee_feed_event 42.0",
              "guardbee_index_entries 7.0",
              "guardbee_index_bytes 112.0",
              "guardbee_live_connections 3.0",
              "guardbee_live_identities 2.0",
              "guardbee_policy_version 5.0",
              "guardbee_decision_seconds_bucket{le=\"1.0E-4\"} 1",
              "com_hivemq_messages_count_total 9.0");
    }
    assertThat(registry.getCounters().keySet())
        .contains(
            "io.guardbee.connects.accepted",
            "io.guardbee.connects.refused.policy-no-rule",
            "io.guardbee.connections.ended.certificate-expired",
            "io.guardbee.requests.refused.publish.uncovered",
            "io.guardbee.clones");
    assertThat(registry.getGauges().keySet())
        .contains(
            "io.guardbee.feed.event",
            "io.guardbee.feed.lag.seconds",
            "io.guardbee.status.blocked",
            "io.guardbee.connections.live",
            "io.guardbee.identities.live",
            "io.guardbee.policy.version");
    assertThat(registry.getTimers().keySet()).contains("io.guardbee.decision");
  }

  @Test
  void healthSaysWhetherNewDevicesMayComeIn() throws Exception {
    try (Watchpost post = watch(new At(Instant.now()), new MetricRegistry())) {
      assertThat(get(post, "/health").statusCode()).isEqualTo(200);
      assertThat(get(post, "/health").body()).contains("\"status\":\"current\"");
    }
    Instant longAgo = Instant.now().minus(Duration.ofDays(3));
    try (Watchpost post = watch(new At(longAgo), new MetricRegistry())) {
      assertThat(get(post, "/health").statusCode()).isEqualTo(503);
      assertThat(get(post, "/health").body())
          .contains("\"status\":\"stale\"", "\"serving\":false", longAgo.toString());
    }
    RefusedVersion refused = new RefusedVersion(7, "unknown key");
    try (Watchpost post = watch(new At(Instant.now(), refused), new MetricRegistry())) {
      assertThat(get(post, "/health").statusCode()).isEqualTo(503);
      assertThat(get(post, "/health").body())
          .contains("\"status\":\"policy-refused\"", "\"serving\":false")
          .contains("\"policyRefused\":{\"version\":7,\"reason\":\"unknown key\"}");
      assertThat(get(post, "/metrics").body()).contains("guardbee_policy_refused 7.0");
    }
    try (Watchpost post = watch(new At(Instant.MIN), new MetricRegistry())) {
      assertThat(get(post, "/health").statusCode()).isEqualTo(503);
      assertThat(get(post, "/health").body()).contains("\"status\":\"unknown\"");
      assertThat(get(post, "/metrics").body()).contains("guardbee_feed_lag_seconds +Inf");
    }
  }

  @Test
  void addressInUseIsRefusedWithItsKey() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      InetSocketAddress address = (InetSocketAddress) taken.getLocalSocketAddress();
      assertThat(
              org.assertj.core.api.Assertions.catchThrowable(
                  () ->
                      Watchpost.open(
                          address,
                          new DoorMetrics(new MetricRegistry()),
                          new Watchpost.HealthAnswer(config, new At(NOW), Clock.systemUTC()),
                          Thread::new)))
          .hasMessageContaining("metrics.listen")
          .hasMessageContaining(String.valueOf(address.getPort()));
    }
  }
}
