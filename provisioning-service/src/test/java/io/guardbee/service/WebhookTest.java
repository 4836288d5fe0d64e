package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.Client.Answer;
import io.guardbee.service.WebhookServer.Asked;
import io.guardbee.service.WebhookServer.Behaviour;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Approval by a program of the operator's: a real HTTPS server, good and bad. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebhookTest {

  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final int AT_ONCE = 16;

  @TempDir private static Path directory;

  private final TestCa root = TestCa.root();
  private WebhookServer webhook;
  private RunningService service;
  private int devices;

  @BeforeAll
  void start() throws Exception {
    webhook = new WebhookServer(root.server("CN=localhost"));
    service = RunningService.start(home("main", SECRET), configuration("PT2S"));
  }

  @AfterAll
  void stop() {
    service.close();
    webhook.close();
  }

  private Path home(String name, String secret) throws IOException {
    Path home = Files.createDirectories(directory.resolve(name));
    Files.writeString(home.resolve("webhook.secret"), secret + "\n");
    Files.setPosixFilePermissions(
        home.resolve("webhook.secret"), PosixFilePermissions.fromString("rw-------"));
    Files.writeString(home.resolve("webhook.pem"), Pem.certificate(root.certificate()));
    return home;
  }

  private String configuration(String timeout) {
    return """
    profiles:
      sensor:
        approval: webhook
    approval:
      retryAfter: PT9S
      webhook:
        url: %s
        secretFile: webhook.secret
        trustFile: webhook.pem
        timeout: %s
        attempts: 2
    """
        .formatted(webhook.url(), timeout);
  }

  private String newDevice() {
    return "wh-" + ++devices;
  }

  private String grant(String id) {
    return grant(service, id);
  }

  private static String grant(RunningService at, String id) {
    return Client.operator(at.endpoints())
        .post("/v1/devices/" + id + "/grants", "")
        .json()
        .path("token")
        .asString();
  }

  private Answer enrol(String id, String token, KeyPair key) {
    return enrol(service, id, token, key);
  }

  private static Answer enrol(RunningService at, String id, String token, KeyPair key) {
    return Client.anonymous(at.endpoints()).enrol("/simpleenroll", id, token, Csr.of(key).base64());
  }

  @Test
  void approvedDeviceIsServedAndTheSameRequestAsksNobodyAgain() {
    webhook.does(WebhookServer.saying("{\"decision\":\"approve\",\"more\":[1]}"));
    String id = newDevice();
    String token = grant(id);
    KeyPair key = Csr.newKey();
    X509Certificate certificate = enrol(id, token, key).certificates().get(0);
    assertThat(enrol(id, token, key).certificates().get(0)).isEqualTo(certificate);
    assertThat(webhook.asked()).hasSize(1);
  }

  @Test
  void questionTellsWhoAsksForWhatAndOpensslConfirmsItsSignature() throws Exception {
    webhook.does(WebhookServer.saying("{\"decision\":\"approve\"}"));
    String id = newDevice();
    String token = grant(id);
    KeyPair key = Csr.newKey();
    enrol(id, token, key);

    Asked asked = webhook.asked().get(0);
    JsonNode question = JsonMapper.builder().build().readTree(asked.body());
    assertThat(question.path("deviceId").asString()).isEqualTo(id);
    assertThat(question.path("profile").asString()).isEqualTo("sensor");
    assertThat(question.path("key").asString())
        .isEqualTo(Fingerprint.of(key.getPublic().getEncoded()).toString());
    assertThat(question.path("way").asString()).isEqualTo("token");
    assertThat(question.path("address").asString()).isEqualTo("127.0.0.1");
    assertThat(asked.body()).doesNotContain(token);

    assertThat(asked.signature()).matches("t=[0-9]{10},v1=[0-9a-f]{64}");
    String seconds = asked.signature().substring(2, 12);
    Path signed = Files.writeString(directory.resolve("signed"), seconds + "." + asked.body());
    OpenSsl.Result openssl =
        OpenSsl.run("dgst", "-sha256", "-mac", "HMAC", "-macopt", "key:" + SECRET, signed);
    assertThat(openssl.said().strip()).endsWith("= " + asked.signature().substring(16));
  }

  @Test
  void denialIsToldAndRemembered() {
    webhook.does(WebhookServer.saying("{\"decision\":\"deny\",\"reason\":\"not ours\"}"));
    String id = newDevice();
    String token = grant(id);
    KeyPair key = Csr.newKey();
    for (int i = 0; i < 2; i++) {
      Answer denied = enrol(id, token, key);
      assertThat(denied.status()).isEqualTo(403);
      assertThat(denied.reason()).isEqualTo(Reason.APPROVAL_DENIED);
      assertThat(denied.body()).contains("webhook denied").contains("not ours");
    }
    assertThat(webhook.asked()).hasSize(1);
  }

  @Test
  void undecidedDeviceWaitsForTheWebhookOrForAnOperator() {
    webhook.does(WebhookServer.saying("{\"decision\":\"pending\"}"));
    String id = newDevice();
    String token = grant(id);
    KeyPair key = Csr.newKey();
    Answer waits = enrol(id, token, key);
    assertThat(waits.status()).isEqualTo(202);
    assertThat(waits.raw().headers().firstValue("retry-after")).hasValue("9");
    assertThat(enrol(id, token, key).status()).isEqualTo(202);
    assertThat(webhook.asked()).hasSize(2);

    Answer approved =
        Client.operator(service.endpoints())
            .post(
                "/v1/approvals/" + id,
                "{\"decision\":\"approve\",\"key\":\""
                    + Fingerprint.of(key.getPublic().getEncoded())
                    + "\"}");
    assertThat(approved.status()).isEqualTo(200);
    assertThat(enrol(id, token, key).status()).isEqualTo(200);
    assertThat(webhook.asked()).hasSize(2);
  }

  static Stream<Arguments> badAnswers() {
    return Stream.of(
        Arguments.of("an error", status(500, ""), 2),
        Arguments.of("an error that says approve", status(500, "{\"decision\":\"approve\"}"), 2),
        Arguments.of("created", status(201, "{\"decision\":\"approve\"}"), 1),
        Arguments.of("not found", status(404, ""), 1),
        Arguments.of("no JSON", status(200, "approve"), 1),
        Arguments.of("nothing", status(200, ""), 1),
        Arguments.of("no decision", status(200, "{\"reason\":\"approve\"}"), 1),
        Arguments.of("an unknown decision", status(200, "{\"decision\":\"APPROVE\"}"), 1),
        Arguments.of("a list", status(200, "[\"approve\"]"), 1),
        Arguments.of(
            "two decisions", status(200, "{\"decision\":\"deny\",\"decision\":\"approve\"}"), 1),
        Arguments.of(
            "too much", status(200, " ".repeat(100_000) + "{\"decision\":\"approve\"}"), 2),
        Arguments.of("a redirect", (Behaviour) WebhookTest::redirect, 1),
        Arguments.of("half an answer", (Behaviour) WebhookTest::half, 2),
        Arguments.of("a dropped connection", (Behaviour) exchange -> {}, 2));
  }

  private static Behaviour status(int status, String body) {
    return exchange -> WebhookServer.reply(exchange, status, body);
  }

  private static void redirect(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Location", "/elsewhere");
    WebhookServer.reply(exchange, 307, "");
  }

  /** Begins an answer and leaves it at that, until the other side has had enough. */
  private static void half(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 100);
    exchange.getResponseBody().write('{');
    exchange.getResponseBody().flush();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badAnswers")
  void whateverIsNoClearAnswerLetsNobodyIn(String name, Behaviour behaviour, int attempts) {
    webhook.does(behaviour);
    String id = newDevice();
    String token = grant(id);
    KeyPair key = Csr.newKey();
    Answer answer = enrol(id, token, key);
    assertThat(answer.status()).as(name).isEqualTo(503);
    assertThat(answer.reason()).isEqualTo(Reason.APPROVAL_UNAVAILABLE);
    assertThat(answer.raw().headers().firstValue("retry-after")).hasValue("9");
    assertThat(webhook.asked())
        .hasSize(attempts)
        .allMatch(asked -> asked.path().equals("/approve"));

    webhook.does(WebhookServer.saying("{\"decision\":\"approve\"}"));
    assertThat(enrol(id, token, key).status()).isEqualTo(200);
  }

  @Test
  void failureThatPassesIsAskedAgain() {
    CountDownLatch first = new CountDownLatch(1);
    webhook.does(
        exchange -> {
          boolean fails = first.getCount() == 1;
          first.countDown();
          WebhookServer.reply(exchange, fails ? 503 : 200, "{\"decision\":\"approve\"}");
        });
    String id = newDevice();
    assertThat(enrol(id, grant(id), Csr.newKey()).status()).isEqualTo(200);
    assertThat(webhook.asked()).hasSize(2);
  }

  @Test
  void webhookThatDoesNotProveWhoItIsIsNotTold() throws Exception {
    webhook.does(WebhookServer.saying("{\"decision\":\"approve\"}"));
    Path home = home("untrusted", SECRET);
    Files.writeString(home.resolve("webhook.pem"), Pem.certificate(TestCa.root().certificate()));
    try (RunningService other = RunningService.start(home, configuration("PT2S"))) {
      Answer answer = enrol(other, "d-1", grant(other, "d-1"), Csr.newKey());
      assertThat(answer.reason()).isEqualTo(Reason.APPROVAL_UNAVAILABLE);
      assertThat(webhook.asked()).isEmpty();
    }
  }

  @Test
  void webhookThatHangsHoldsUpAFewOnly() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    webhook.does(
        exchange -> {
          try {
            hold.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          WebhookServer.reply(exchange, 200, "{\"decision\":\"approve\"}");
        });
    ExecutorService callers = Executors.newCachedThreadPool();
    try (RunningService other =
        RunningService.start(home("hangs", SECRET), configuration("PT5M"))) {
      List<CompletableFuture<Answer>> held =
          IntStream.range(0, AT_ONCE).mapToObj(i -> asks(other, "h-" + i, callers)).toList();
      Awaitility.await().until(() -> webhook.asked().size() == AT_ONCE);

      Answer turnedAway = asks(other, "one-more", callers).get();
      assertThat(turnedAway.status()).isEqualTo(503);
      assertThat(turnedAway.raw().headers().firstValue("retry-after")).hasValue("1");
      assertThat(webhook.asked()).hasSize(AT_ONCE);
      assertThat(Client.operator(other.endpoints()).get("/v1/devices").status()).isEqualTo(200);

      hold.countDown();
      for (CompletableFuture<Answer> answer : held) {
        assertThat(answer.get().status()).isEqualTo(200);
      }
    } finally {
      hold.countDown();
      callers.shutdownNow();
    }
  }

  private static CompletableFuture<Answer> asks(
      RunningService at, String id, ExecutorService callers) {
    return CompletableFuture.supplyAsync(() -> enrol(at, id, grant(at, id), Csr.newKey()), callers);
  }

  static Stream<Arguments> badStarts() {
    return Stream.of(
        Arguments.of("no url", "url: .*", "url: \"\"", "approval.webhook.url is empty"),
        Arguments.of("no secret", "webhook.secret", "none", "no such file"),
        Arguments.of("no trust", "webhook.pem", "none", "no such file"),
        Arguments.of("empty trust", "webhook.pem", "config.yaml", "no certificate"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badStarts")
  void serviceDoesNotStartWithoutWhatItNeedsToAsk(
      String name, String wrong, String replacement, String told) throws IOException {
    Path home = home(name.replace(' ', '-'), SECRET);
    assertNoStart(home, configuration("PT2S").replaceAll(wrong, replacement), told);
  }

  @Test
  void serviceDoesNotStartWithASecretThatIsNone() throws IOException {
    assertNoStart(home("short", "secret"), configuration("PT2S"), "holds 6 octets");
    Path open = home("open", SECRET);
    Files.setPosixFilePermissions(
        open.resolve("webhook.secret"), PosixFilePermissions.fromString("rw-r--r--"));
    assertNoStart(open, configuration("PT2S"), "others may read");
  }

  private static void assertNoStart(Path home, String configuration, String told) {
    assertThatThrownBy(() -> RunningService.start(home, configuration).close())
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.CONFIGURATION_INVALID);
              assertThat(e.detail()).contains(told).doesNotContain(SECRET);
            });
  }
}
