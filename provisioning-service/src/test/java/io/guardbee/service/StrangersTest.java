package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.service.Client.Answer;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Operators, brokers and other devices while strangers take all that they can get. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120) // a request that waits behind strangers waits for their ten minutes
class StrangersTest {

  private static final int AT_ONCE = 4;
  private static final int PER_ADDRESS = 40;
  private static final int ALL = 120;
  private static final String UNFINISHED =
      "POST /ocsp HTTP/1.1\r\nHost: x\r\nContent-Type: application/ocsp-request\r\n"
          + "Content-Length: 1000\r\n\r\n0";

  private final TestCa root = TestCa.root();
  private final List<RawTls> sockets = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private WebhookServer webhook;
  private RunningService service;
  private Client operator;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    webhook = new WebhookServer(root.server("CN=localhost"));
    Path home = Files.createDirectories(directory.resolve("strangers"));
    Path secret = Files.writeString(home.resolve("webhook.secret"), "0123456789abcdef".repeat(2));
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(home.resolve("webhook.pem"), Pem.certificate(root.certificate()));
    service = RunningService.start(home, configuration());
    operator = Client.operator(service.endpoints());
  }

  private String configuration() {
    return """
    profiles:
      sensor:
        approval: webhook
    approval:
      webhook:
        url: %s
        secretFile: webhook.secret
        trustFile: webhook.pem
        timeout: PT10M
        attempts: 1
    limits:
      requestTime: PT10M
      connections: %d
      connectionsPerAddress: %d
      handshakesPerAddress: 60
      requestsAtOnce: %d
      requestsPerAddress: 30
      feeds: 2
    """
        .formatted(webhook.url(), ALL, PER_ADDRESS, AT_ONCE);
  }

  @AfterEach
  void closeSockets() throws IOException {
    for (RawTls socket : sockets) {
      socket.close();
    }
    sockets.clear();
  }

  @AfterAll
  void stop() {
    threads.shutdownNow();
    service.close();
    webhook.close();
  }

  private RawTls unfinished(String from) throws IOException {
    RawTls socket = RawTls.plain(service.endpoints(), from);
    sockets.add(socket);
    return socket.write(UNFINISHED);
  }

  private void grant(String id) {
    assertThat(operator.post("/v1/devices/" + id + "/grants", "").status()).isEqualTo(201);
  }

  private static String readiness(RunningService service, String from) throws IOException {
    try (RawTls one = RawTls.plain(service.endpoints(), from)) {
      one.write("GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      return one.answer();
    }
  }

  @Test
  void bodyThatArrivesSlowlyHoldsNobodyUp() throws Exception {
    for (int i = 0; i < 25; i++) {
      unfinished("127.0.1.1");
      unfinished("127.0.1.2");
    }
    assertThat(readiness(service, "127.0.1.3")).contains("200 OK");
    try (RawTls whole = RawTls.plain(service.endpoints(), "127.0.1.4")) {
      whole.write(UNFINISHED.replace("1000\r\n\r\n0", "4\r\nConnection: close\r\n\r\n0"));
      whole.write("000");
      assertThat(whole.answer()).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void addressWithTooManyRequestsUnderWayIsToldToComeBack() throws Exception {
    for (int i = 0; i < 31; i++) {
      unfinished("127.0.2.1");
    }
    String answer = // of one of them, whichever came last
        threads.invokeAny(sockets.stream().<Callable<String>>map(one -> one::answer).toList());
    assertThat(answer).startsWith("HTTP/1.1 429 ").contains("rate-limited");
    assertThat(answer).contains("Retry-After: 1");
    assertThat(readiness(service, "127.0.2.2")).contains("200 OK");
  }

  @Test
  void operatorAtACrowdedAddressIsServed() throws Exception {
    grant("crowded-1");
    for (int i = 0; i < 32; i++) { // of the first ones some may meet the grant, not yet counted out
      unfinished("127.0.0.1");
    }
    await()
        .untilAsserted(
            () -> assertThat(readiness(service, "127.0.0.1")).startsWith("HTTP/1.1 429 "));
    assertThat(operator.get("/v1/devices/crowded-1").status()).isEqualTo(200);
  }

  @Test
  void addressHasItsShareOfTheConnections() throws Exception {
    for (int i = 0; i < PER_ADDRESS; i++) {
      sockets.add(RawTls.plain(service.endpoints(), "127.0.3.1"));
    }
    try (RawTls further = RawTls.plain(service.endpoints(), "127.0.3.1")) {
      assertThat(further.answer()).startsWith("HTTP/1.1 429 ").contains("connections-exhausted");
    }
    assertThat(readiness(service, "127.0.3.2")).contains("200 OK");
  }

  @Test
  void operatorsAndBrokersComeInWhenStrangersHaveAllConnections() throws Exception {
    try (FeedClient feed = new FeedClient(service)) {
      long event = feed.next("snapshot").path("event").asLong();
      grant("crowd-1");
      for (int address = 1; address <= 5; address++) {
        for (int i = 0; i < PER_ADDRESS; i++) {
          sockets.add(RawTls.plain(service.endpoints(), "127.0.4." + address).write("GET /"));
        }
      }
      await().until(() -> sockets.stream().filter(RawTls::isAtEnd).count() >= ALL / 2);

      Client newcomer = Client.operator(service.endpoints());
      assertThat(newcomer.get("/v1/devices/crowd-1").status()).isEqualTo(200);
      assertThat(Client.broker(service).get("/readyz").status()).isEqualTo(200);
      feed.acknowledge(event, 0);
    }
  }

  /** Devices wait for an approval that does not come: every place for strangers is taken. */
  @Test
  void operatorsAndBrokersDoNotWaitBehindStrangers() throws Exception {
    CountDownLatch decided = new CountDownLatch(1);
    webhook.does(
        exchange -> {
          try {
            decided.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          WebhookServer.reply(exchange, 200, "{\"decision\":\"pending\"}");
        });
    enrolAtOnce("sure-1");
    try (FeedClient feed = new FeedClient(service)) {
      feed.next("snapshot");
      List<Future<Answer>> enrolments = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        enrolments.add(enrol("held-" + i));
      }
      await().until(() -> webhook.asked().size() == AT_ONCE);
      Future<String> stranger = threads.submit(() -> readiness(service, "127.0.5.1"));

      CompletableFuture<Void> applied = acknowledging(feed);
      Answer receipt =
          operator.post("/v1/devices/sure-1/revocation", "{\"reason\":\"keyCompromise\"}");

      assertThat(receipt.status()).isEqualTo(200);
      applied.join();
      assertThat(stranger.isDone()).as("the stranger waits for a place").isFalse();
      decided.countDown();
      assertThat(stranger.get()).contains("200 OK");
      for (Future<Answer> enrolment : enrolments) {
        assertThat(enrolment.get().status()).isEqualTo(202);
      }
    }
  }

  /** Of a profile that needs no approval. */
  private void enrolAtOnce(String id) {
    String token =
        operator
            .post("/v1/devices/" + id + "/grants", "{\"profile\":\"gateway\"}")
            .json()
            .path("token")
            .asString();
    String body = Csr.of(Csr.newKey()).subject("CN=" + id).base64();
    Client device = Client.anonymous(service.endpoints());
    assertThat(device.enrol("/gateway/simpleenroll", id, token, body).status()).isEqualTo(200);
  }

  private Future<Answer> enrol(String id) {
    String token =
        operator.post("/v1/devices/" + id + "/grants", "").json().path("token").asString();
    String body = Csr.of(Csr.newKey()).subject("CN=" + id).base64();
    return threads.submit(
        () -> Client.anonymous(service.endpoints()).enrol("/simpleenroll", id, token, body));
  }

  private CompletableFuture<Void> acknowledging(FeedClient feed) {
    return CompletableFuture.runAsync(
        () -> {
          long event = feed.next("status").path("event").asLong();
          feed.acknowledge(event, 0);
        },
        threads);
  }

  @Test
  void handshakesOfOneAddressAreCounted() throws Exception {
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 70; i++) {
                RawTls.open(service.endpoints(), "127.0.6.1").close();
              }
            })
        .isInstanceOf(IOException.class);
    RawTls.open(service.endpoints(), "127.0.6.2").close();
  }

  @Test
  void feedsBeyondTheBoundAreRefused() throws Exception {
    try (FeedClient first = new FeedClient(service);
        FeedClient second = new FeedClient(service)) {
      first.next();
      second.next();
      Answer third = Client.broker(service).get("/v1/feed?node=" + first.node() + "&feed=&after=0");
      assertThat(third.status()).isEqualTo(503);
      assertThat(third.reason()).isEqualTo(Reason.OVERLOADED);
      assertThat(third.raw().headers().firstValue("Retry-After")).isPresent();
      first.acknowledge(0, 0);
    }
  }
}
