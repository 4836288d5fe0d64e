package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.cli.Cli;
import io.guardbee.pki.Reason;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** Brokers that are not connected when something is to be told to all. */
class BrokerContactTest {

  private final Hand clock = new Hand();
  private RunningService service;
  private Client operator;
  private String node;

  @BeforeEach
  void start(@TempDir Path directory) throws IOException {
    service =
        RunningService.start(
            clock, directory.resolve("contact"), "revocation:", "  acknowledgeTimeout: PT2S");
    connect();
  }

  private void connect() {
    operator = Client.operator(service.endpoints());
    node = Client.nodeName(service);
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private String device(String id) {
    assertThat(operator.post("/v1/devices/" + id + "/grants", "").status()).isEqualTo(201);
    return id;
  }

  private void enrol(String id) throws Exception {
    String token =
        operator.post("/v1/devices/" + id + "/grants", "").json().path("token").asString();
    Csr csr = Csr.of(Csr.newKey()).subject("CN=" + id);
    Client device = Client.anonymous(service.endpoints());
    assertThat(device.enrol("/simpleenroll", id, token, csr.base64()).status()).isEqualTo(200);
  }

  private JsonNode post(String path, String body) {
    Client.Answer answer = operator.post(path, body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json();
  }

  private JsonNode revoke(String id) {
    return post("/v1/devices/" + device(id) + "/revocation", "{\"reason\":\"keyCompromise\"}");
  }

  private JsonNode listed() {
    return StreamSupport.stream(
            operator.get("/v1/brokers").json().path("brokers").spliterator(), false)
        .filter(one -> one.path("node").asString().equals(node))
        .findFirst()
        .orElse(FeedClient.JSON.nullNode());
  }

  /** A broker comes and goes. */
  private Instant comeAndGo() throws IOException {
    try (FeedClient broker = new FeedClient(service)) {
      broker.next("snapshot");
      assertThat(listed().path("connected").asBoolean()).isTrue();
      assertThat(listed().path("notReachedSince").isNull()).isTrue();
    }
    Awaitility.await().until(() -> !listed().path("connected").asBoolean());
    return Instant.parse(listed().path("notReachedSince").asString());
  }

  private static void assertNamed(JsonNode receipt, String node, Instant since) {
    assertThat(receipt.path("nodes").size()).isEqualTo(1);
    JsonNode named = receipt.path("nodes").get(0);
    assertThat(named.path("node").asString()).isEqualTo(node);
    assertThat(named.path("acknowledged").asBoolean()).isFalse();
    assertThat(Instant.parse(named.path("notReachedSince").asString())).isEqualTo(since);
  }

  @Test
  void brokerThatIsAwayIsNamedInEveryReceiptSinceWhenAfterARestartToo() throws Exception {
    assertThat(revoke("d-0").path("nodes").isEmpty()).as("none was ever heard of").isTrue();
    Instant since = comeAndGo();
    assertThat(since).isBetween(Instant.now().minusSeconds(60), Instant.now());
    service.restart();
    connect();
    String id = device("d-1");
    assertNamed(post("/v1/devices/" + id + "/suspend", ""), node, since);
    assertNamed(post("/v1/devices/" + id + "/reinstate", ""), node, since);
    assertNamed(revoke("d-1"), node, since);
    for (String mode : new String[] {"foresee", "observe", "enforce"}) {
      JsonNode told =
          post("/v1/policy", "{\"mode\":\"%s\",\"text\":\"version: 1 # %s\"}".formatted(mode, mode))
              .path("nodes")
              .get(0);
      assertThat(told.path("outcome").asString()).as(mode).isEqualTo("not-reached");
      assertThat(Instant.parse(told.path("notReachedSince").asString())).isEqualTo(since);
    }
    assertThat(post("/v1/policy/withdraw", "").path("nodes").get(0).path("outcome").asString())
        .isEqualTo("not-reached");
  }

  @Test
  void commandsTellItAndExitWithOne() throws Exception {
    String home = service.home().directory().toString();
    enrol("d-1");
    assertThat(Cli.run(new Main(), "revoke", "d-1", "--home", home)).isZero();
    Instant since = comeAndGo();
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line =
        new CommandLine(new Main())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    assertThat(line.execute("device", "revoke", "d-1", "--home", home)).isEqualTo(1);
    assertThat(out.toString()).contains("broker    " + node + " NOT reached since " + since);
    assertThat(err.toString())
        .contains("broker-not-acknowledged: " + node + " has not been reached since " + since)
        .contains("guardbee broker forget " + node);
    assertThat(line.execute("device", "revoke", "d-1", "--json", "--home", home)).isEqualTo(1);
    assertThat(out.toString()).contains("\"notReachedSince\":\"" + since + "\"");
    assertThat(line.execute("device", "suspend", "--help")).isZero();
    assertThat(out.toString()).contains("Exit codes:").contains("not reached");
  }

  @Test
  void brokerThatIsBackInTimeAcknowledgesAndIsNotAway() throws Exception {
    comeAndGo();
    try (FeedClient broker = new FeedClient(service)) {
      broker.next("snapshot");
      CompletableFuture<JsonNode> receipt = CompletableFuture.supplyAsync(() -> revoke("d-1"));
      long event = broker.next("status").path("event").asLong();
      broker.acknowledge(event, 0);
      JsonNode told = receipt.get().path("nodes").get(0);
      assertThat(told.path("acknowledged").asBoolean()).isTrue();
      assertThat(told.has("notReachedSince")).isFalse();
      assertThat(listed().path("feedEvent").asLong()).isEqualTo(event);
    }
  }

  @Test
  void after30DaysItIsListedButNoLongerNamed() throws Exception {
    comeAndGo();
    clock.advance(Duration.ofDays(30).minusMinutes(5));
    assertThat(revoke("d-1").path("nodes").size()).isEqualTo(1);
    clock.advance(Duration.ofMinutes(10));
    assertThat(revoke("d-2").path("nodes").isEmpty()).isTrue();
    assertThat(listed().path("notReachedSince").isString()).isTrue();
  }

  @Test
  void forgottenBrokerIsNamedNowhereUntilItComesBack() throws Exception {
    String path = "/v1/brokers/" + node;
    assertThat(operator.delete(path).reason()).isEqualTo(Reason.BROKER_UNKNOWN);
    assertThat(Client.broker(service).delete(path).reason()).isEqualTo(Reason.ROLE_MISSING);
    try (FeedClient broker = new FeedClient(service)) {
      broker.next("snapshot");
      assertThat(operator.delete(path).reason()).isEqualTo(Reason.BROKER_CONNECTED);
    }
    Awaitility.await().until(() -> !listed().path("connected").asBoolean());
    assertThat(operator.delete(path).status()).isEqualTo(200);
    assertThat(listed().isNull()).isTrue();
    assertThat(revoke("d-1").path("nodes").isEmpty()).isTrue();
    assertThat(operator.get("/v1/audit/head").status()).isEqualTo(200); // seals
    assertThat(operator.get("/v1/audit?after=0").body())
        .contains("\"action\":\"broker-forgotten\",\"actor\":\"operator:operator\"")
        .contains("\"subject\":\"broker:" + node + "\"");
    Instant since = comeAndGo();
    assertNamed(revoke("d-2"), node, since);
  }
}
