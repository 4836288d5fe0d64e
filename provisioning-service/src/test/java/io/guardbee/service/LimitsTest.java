package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Reason;
import io.guardbee.service.Client.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What slow, greedy and clumsy clients get, over real sockets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LimitsTest {

  private RunningService service;
  private Client anyone;
  private Client operator;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    service =
        RunningService.start(
            directory.resolve("limits"),
            "limits:",
            "  requestTime: PT1S",
            "  connections: 80",
            "  connectionsPerAddress: 50",
            "  queue: 2",
            "  perAddress: 0",
            "  perIdentity: 5");
    anyone = Client.anonymous(service.endpoints());
    operator = Client.operator(service.endpoints());
  }

  @AfterAll
  void stop() {
    service.close();
  }

  private String grant(String id) {
    return operator.post("/v1/devices/" + id + "/grants", "").json().path("token").asString();
  }

  @Test
  void bodyThatTricklesIsAnsweredInTime() throws Exception {
    try (RawTls slow = RawTls.open(service.endpoints())) {
      slow.write(
          "POST /.well-known/est/simpleenroll HTTP/1.1\r\nHost: x\r\nAuthorization: Basic"
              + " c2xvdy0xOng=\r\nContent-Length: 4000\r\n\r\n");
      slow.trickle("A");
      assertThat(slow.answer()).startsWith("HTTP/1.1 408 ").contains("request-too-slow: ");
    }
  }

  @Test
  void chunksThatTrickleAreAnsweredInTime() throws Exception {
    try (RawTls slow = RawTls.open(service.endpoints())) {
      slow.write(
          "POST /.well-known/est/simpleenroll HTTP/1.1\r\nHost: x\r\nAuthorization: Basic"
              + " c2xvdy0yOng=\r\nTransfer-Encoding: chunked\r\n\r\n");
      slow.trickle("1\r\nA\r\n");
      assertThat(slow.answer()).startsWith("HTTP/1.1 408 ").contains("request-too-slow: ");
    }
  }

  @Test
  void headThatTricklesEndsTheConnection() throws Exception {
    try (RawTls slow = RawTls.open(service.endpoints())) {
      slow.write("GET /readyz HTTP/1.1\r\nX: ");
      slow.trickle("a");
      assertThat(slow.answer()).doesNotContain("200");
    }
  }

  @Test
  void secondRequestOnAConnectionHasNoMoreTimeThanTheFirst() throws Exception {
    try (RawTls slow = RawTls.open(service.endpoints())) {
      slow.write("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
      Thread.sleep(1500); // longer than a request may take, and nothing wrong with it
      slow.write("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\nGET /readyz HTTP/1.1\r\nX: ");
      slow.trickle("a");
      assertThat(slow.answer().split("HTTP/1.1 200 ", -1)).hasSize(3);
    }
  }

  @Test
  void handshakeThatTricklesEndsTheConnection() throws Exception {
    try (RawTls slow = RawTls.tcp(service.endpoints())) {
      slow.write("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003");
      slow.trickle("a");
      assertThat(slow.answer()).doesNotContain("HTTP");
    }
  }

  @Test
  void oneAddressCannotHoldAllConnections() throws Exception {
    List<RawTls> held = new ArrayList<>();
    try {
      for (int i = 0; i < 60; i++) {
        held.add(RawTls.tcp(service.endpoints()));
      }
      Awaitility.await().until(() -> held.stream().filter(LimitsTest::isClosed).count() >= 10);
    } finally {
      for (RawTls one : held) {
        one.close();
      }
    }
    Awaitility.await()
        .ignoreExceptions()
        .until(() -> Client.anonymous(service.endpoints()).get("/readyz").status() == 200);
  }

  private static boolean isClosed(RawTls connection) {
    return connection.isAtEnd();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET /a/../%2e%2e/%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /v1/devices/%2F HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "G\u0000T / HTTP/1.1\r\nHost: x\r\n\r\n"
      })
  void whatIsNoHttpIsRefusedInPlainWords(String request) throws Exception {
    String said;
    String log;
    PrintStream stderr = System.err;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try (RawTls raw = RawTls.open(service.endpoints())) {
      said = raw.write(request).answer();
      log = captured.toString(StandardCharsets.UTF_8);
    } finally {
      System.setErr(stderr);
    }
    assertThat(said).matches("(?s)HTTP/1.1 [45].*").contains("\"reason\":").contains("nextStep");
    assertThat(said + log).doesNotContain("\tat ").doesNotContain("org.eclipse");
  }

  @Test
  void headersTooManyAreRefused() throws Exception {
    try (RawTls raw = RawTls.open(service.endpoints())) {
      raw.write("GET / HTTP/1.1\r\nHost: x\r\n" + "A: b\r\n".repeat(3000) + "\r\n");
      assertThat(raw.answer()).startsWith("HTTP/1.1 431 ").contains("request-too-large");
    }
  }

  @Test
  void chunkThatIsNoneIsTheCallersFault() throws Exception {
    try (RawTls raw = RawTls.open(service.endpoints())) {
      raw.write(
          "POST /.well-known/est/simpleenroll HTTP/1.1\r\nHost: x\r\nAuthorization: Basic"
              + " c2xvdy0zOng=\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n");
      assertThat(raw.answer()).startsWith("HTTP/1.1 400 ");
    }
  }

  @Test
  void deviceThatAsksTooOftenIsToldWhenToComeBack() {
    String token = grant("busy-1");
    String body = Csr.of(Csr.newKey()).base64();
    for (int i = 0; i < 5; i++) {
      assertThat(anyone.enrol("/simpleenroll", "busy-1", token, body).status()).isEqualTo(200);
    }
    Answer refused = anyone.enrol("/simpleenroll", "busy-1", token, body);
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.reason()).isEqualTo(Reason.RATE_LIMITED);
    assertThat(refused.raw().headers().firstValueAsLong("Retry-After")).isPresent();
    assertThat(anyone.enrol("/simpleenroll", "busy-2", grant("busy-2"), body).status())
        .as("another device")
        .isNotEqualTo(429);
  }

  @Test
  void overloadIsAnsweredAtOnceAndEveryoneIsServedInTheEnd() throws Exception {
    int clients = 24;
    List<String> ids = IntStream.range(0, clients).mapToObj(i -> "rush-" + i).toList();
    List<String> tokens = ids.stream().map(this::grant).toList();
    ExecutorService all = Executors.newFixedThreadPool(clients);
    try {
      List<Future<Integer>> turnedAway = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        String id = ids.get(i);
        String token = tokens.get(i);
        turnedAway.add(all.submit(() -> enrolWithPatience(id, token)));
      }
      int refused = 0;
      for (Future<Integer> one : turnedAway) {
        refused += one.get();
      }
      assertThat(refused).as("some found the queue full").isPositive();
    } finally {
      all.shutdownNow();
    }
    for (String id : ids) {
      assertThat(operator.get("/v1/devices/" + id).json().path("certificates").size())
          .as("certificates of %s", id)
          .isEqualTo(1);
    }
  }

  private int enrolWithPatience(String id, String token) throws InterruptedException {
    String body = Csr.of(Csr.newKey()).base64();
    for (int refused = 0; ; refused++) {
      Answer answer = anyone.enrol("/simpleenroll", id, token, body);
      if (answer.status() == 200) {
        return refused;
      }
      assertThat(answer.status()).as(answer.body()).isIn(503, 429);
      assertThat(answer.reason()).isIn(Reason.OVERLOADED, Reason.RATE_LIMITED);
      Thread.sleep(1000 * answer.raw().headers().firstValueAsLong("Retry-After").orElseThrow());
    }
  }
}
