package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Reason;
import io.guardbee.service.Client.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Versions of the policy as operators and brokers meet them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PolicyTest {

  private RunningService service;
  private Client operator;
  private int texts;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    service =
        RunningService.start(
            directory.resolve("policy"), "revocation:", "  acknowledgeTimeout: PT2S");
    operator = Client.operator(service.endpoints());
  }

  @AfterAll
  void stop() {
    service.close();
  }

  /** The feeds of the test before are gone. */
  @BeforeEach
  void awaitNoBroker() {
    Awaitility.await()
        .until(
            () ->
                StreamSupport.stream(
                        operator.get("/v1/brokers").json().path("brokers").spliterator(), false)
                    .noneMatch(broker -> broker.path("connected").asBoolean()));
  }

  private String text() {
    return "version: 1\nrules: [] # text " + ++texts + " – with \"quotes\", ü and \\\n";
  }

  private Answer post(String text, String mode) {
    return operator.post(
        "/v1/policy",
        FeedClient.JSON
            .createObjectNode()
            .put("text", text)
            .put("mode", mode)
            .put("comment", "why not")
            .toString());
  }

  private JsonNode apply(String text, String mode) {
    Answer answer = post(text, mode);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json();
  }

  private JsonNode order(String verb, String body) {
    Answer answer = operator.post("/v1/policy/" + verb, body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json();
  }

  private JsonNode policy() {
    return operator.get("/v1/policy").json();
  }

  private long inForce() {
    return policy().path("version").asLong();
  }

  private String stateOf(long version) {
    return operator.get("/v1/policy/versions/" + version).json().path("state").asString();
  }

  private long lastEvent() {
    return operator.get("/v1/brokers").json().path("lastEvent").asLong();
  }

  private String audit() {
    assertThat(operator.get("/v1/audit/head").status()).isEqualTo(200); // seals
    return operator.get("/v1/audit?after=0").body();
  }

  @Test
  void newVersionReachesTheBrokerAndTheReceiptTellsWhatItSaid() throws Exception {
    String text = text();
    try (FeedClient broker = new FeedClient(service)) {
      broker.next("snapshot");
      CompletableFuture<JsonNode> receipt =
          CompletableFuture.supplyAsync(() -> apply(text, "enforce"));
      JsonNode foresee = broker.next("policy");
      assertThat(foresee.path("mode").asString()).as("first it is shown").isEqualTo("foresee");
      assertThat(foresee.path("text").asString()).isEqualTo(text);
      assertThat(inForce()).isNotEqualTo(foresee.path("version").asLong());
      broker.answer(foresee, "foreseen", "");
      JsonNode enforce = broker.next("policy");
      assertThat(enforce.path("mode").asString()).isEqualTo("enforce");
      assertThat(enforce.path("text").asString()).isEqualTo(text);
      assertThat(receipt).as("not before the answer").isNotDone();
      broker.answer(enforce, "applied", "");

      JsonNode told = receipt.get();
      assertThat(told.path("outcome").asString()).isEqualTo("applied");
      assertThat(told.path("version")).isEqualTo(enforce.path("version"));
      assertThat(told.path("event")).isEqualTo(enforce.path("event"));
      JsonNode node = told.path("nodes").get(0);
      assertThat(node.path("node").asString()).isEqualTo(broker.node());
      assertThat(node.path("outcome").asString()).isEqualTo("applied");
      assertThat(node.path("affected").get(0).path("lost").toString()).isEqualTo("[\"connect\"]");
      JsonNode policy = policy();
      assertThat(policy.path("version")).isEqualTo(enforce.path("version"));
      assertThat(policy.path("text").asString()).isEqualTo(text);
      assertThat(policy.path("comment").asString()).isEqualTo("why not");
      assertThat(policy.path("by").asString()).isEqualTo("operator:operator");
      assertThat(policy.path("nodes").get(0).path("outcome").asString()).isEqualTo("applied");
      assertThat(audit())
          .contains("\"action\":\"policy-applied\"")
          .contains("\"subject\":\"policy:" + enforce.path("version").asLong() + "\"");
    }
  }

  @Test
  void textInForceAgainChangesNothingAndSaysSo() {
    String text = text();
    JsonNode first = apply(text, "enforce");
    long before = lastEvent();
    for (String mode : List.of("enforce", "observe", "foresee")) {
      JsonNode again = apply(text, mode);
      assertThat(again.path("outcome").asString()).isEqualTo("unchanged");
      assertThat(again.path("version")).isEqualTo(first.path("version"));
      assertThat(again.path("detail").asString()).contains("in force has this text");
    }
    assertThat(lastEvent()).isEqualTo(before);
  }

  @Test
  void versionThatABrokerRefusesComesIntoForceNowhere() throws Exception {
    long before = apply(text(), "enforce").path("version").asLong();
    try (FeedClient broker = new FeedClient(service)) {
      broker.next("snapshot");
      CompletableFuture<Void> unused = broker.answering(order -> "line 2: no such key");
      JsonNode told = apply(text(), "enforce");
      assertThat(told.path("outcome").asString()).isEqualTo("refused");
      assertThat(told.path("detail").asString()).isEqualTo(broker.node() + ": line 2: no such key");
      assertThat(told.path("nodes").get(0).path("detail").asString())
          .isEqualTo("line 2: no such key");
      assertThat(told.path("inForce").asLong()).isEqualTo(before);
      assertThat(inForce()).isEqualTo(before);
      assertThat(stateOf(told.path("version").asLong())).isEqualTo("refused");
      assertThat(audit()).contains("\"action\":\"policy-refused\",\"actor\":\"broker:");
    }
  }

  @Test
  void versionRefusedOnlyInEarnestIsTakenBackForAll() throws Exception {
    long before = apply(text(), "enforce").path("version").asLong();
    try (FeedClient broker = new FeedClient(service)) {
      broker.next("snapshot");
      List<String> heard = new ArrayList<>();
      CompletableFuture<Void> unused =
          broker.answering(
              order -> {
                heard.add(order.path("mode").asString() + " " + order.path("version").asLong());
                boolean isNew =
                    order.path("mode").asString().equals("enforce")
                        && order.path("version").asLong() > before;
                return isNew ? "no memory left" : "";
              });
      JsonNode told = apply(text(), "enforce");
      long version = told.path("version").asLong();
      assertThat(told.path("outcome").asString()).isEqualTo("refused");
      assertThat(told.path("inForce").asLong()).isEqualTo(before);
      assertThat(stateOf(version)).isEqualTo("refused");
      assertThat(stateOf(before)).isEqualTo("in-force");
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(heard)
                      .containsExactly(
                          "foresee " + version, "enforce " + version, "enforce " + before));
      assertThat(audit()).contains("\"action\":\"policy-rolled-back\",\"actor\":\"service\"");
      assertThat(operator.post("/v1/policy/rollback", "{\"to\":" + version + "}").reason())
          .isEqualTo(Reason.POLICY_UNKNOWN);
    }
  }

  @Test
  void lateRefusalOfWhatIsInForceLongSinceChangesNothing() throws Exception {
    apply(text(), "enforce");
    long version = apply(text(), "enforce").path("version").asLong();
    try (FeedClient broker = new FeedClient(service)) {
      JsonNode order = broker.next("policy");
      assertThat(order.path("event").asLong()).as("a part of the whole status").isZero();
      assertThat(order.path("version").asLong()).isEqualTo(version);
      Thread.sleep(2100); // the trial is over
      broker.answer(order, "refused", "not by me");
      assertThat(inForce()).isEqualTo(version);
      JsonNode said = policy().path("nodes").get(0);
      assertThat(said.path("outcome").asString()).isEqualTo("refused");
      assertThat(said.path("detail").asString()).isEqualTo("not by me");
    }
  }

  @Test
  void brokerThatDoesNotAnswerIsNamedAndHoldsNothingUp() throws Exception {
    try (FeedClient broker = new FeedClient(service)) {
      broker.next("snapshot");
      JsonNode told = apply(text(), "enforce");
      assertThat(told.path("outcome").asString()).isEqualTo("applied");
      assertThat(told.path("nodes").get(0).path("outcome").asString()).isEqualTo("silent");
      assertThat(inForce()).isEqualTo(told.path("version").asLong());
    }
  }

  @Test
  void foreseenVersionIsShownAndNeverInForce() throws Exception {
    long before = apply(text(), "enforce").path("version").asLong();
    try (FeedClient broker = new FeedClient(service)) {
      broker.next("snapshot");
      CompletableFuture<Void> unused = broker.answering(order -> "");
      JsonNode told = apply(text(), "foresee");
      assertThat(told.path("outcome").asString()).isEqualTo("foreseen");
      assertThat(told.path("nodes").get(0).path("outcome").asString()).isEqualTo("foreseen");
      assertThat(told.path("nodes").get(0).path("affectedCount").asInt()).isEqualTo(1);
      assertThat(inForce()).isEqualTo(before);
      long version = told.path("version").asLong();
      assertThat(stateOf(version)).isEqualTo("foreseen");
      assertThat(operator.post("/v1/policy/rollback", "{\"to\":" + version + "}").reason())
          .isEqualTo(Reason.POLICY_UNKNOWN);
    }
  }

  @Test
  void observedVersionCountsThenDecides() throws Exception {
    long before = apply(text(), "enforce").path("version").asLong();
    String text = text();
    long observed = apply(text, "observe").path("version").asLong();
    assertThat(apply(text, "observe").path("outcome").asString()).isEqualTo("unchanged");
    assertThat(inForce()).isEqualTo(before);
    assertThat(policy().path("observed").path("text").asString()).isEqualTo(text);
    try (FeedClient broker = new FeedClient(service)) {
      assertThat(broker.next("policy").path("mode").asString()).isEqualTo("enforce");
      JsonNode second = broker.next("policy");
      assertThat(second.path("mode").asString()).isEqualTo("observe");
      assertThat(second.path("version").asLong()).isEqualTo(observed);
      String refusal =
          "{\"version\":%d,\"rule\":\"sensors\",\"deviceId\":\"d-1\",\"request\":\"publish a\","
              + "\"count\":%d}";
      for (int count : new int[] {2, 3}) {
        Answer said =
            Client.broker(service)
                .post(
                    "/v1/broker/report",
                    "{\"observed\":["
                        + refusal.formatted(observed, count)
                        + ","
                        + refusal.formatted(observed - 1, 7)
                        + "]}");
        assertThat(said.status()).as(said.body()).isEqualTo(204);
      }
      JsonNode seen = operator.get("/v1/policy/observed").json();
      assertThat(seen.path("version").asLong()).isEqualTo(observed);
      assertThat(seen.path("refusals").size()).isEqualTo(1);
      assertThat(seen.path("refusals").get(0).path("count").asLong()).isEqualTo(5);
      CompletableFuture<Void> unused = broker.answering(order -> "");
      JsonNode promoted = order("promote", "");
      assertThat(promoted.path("outcome").asString()).isEqualTo("applied");
      assertThat(promoted.path("version").asLong()).isEqualTo(observed);
    }
    assertThat(inForce()).isEqualTo(observed);
    assertThat(policy().path("observed").isNull()).isTrue();
    assertThat(order("rollback", "").path("version").asLong()).isEqualTo(before);
    assertThat(operator.post("/v1/policy/promote", "").reason()).isEqualTo(Reason.POLICY_UNKNOWN);
  }

  @Test
  void observationIsEndedByTheOperatorOrByABrokerThatRefuses() throws Exception {
    long first = apply(text(), "observe").path("version").asLong();
    try (FeedClient broker = new FeedClient(service)) {
      broker.next("snapshot");
      CompletableFuture<JsonNode> receipt =
          CompletableFuture.supplyAsync(() -> order("withdraw", ""));
      JsonNode withdraw = broker.next("policy");
      assertThat(withdraw.path("mode").asString()).isEqualTo("withdraw");
      assertThat(withdraw.path("version").asLong()).isEqualTo(first);
      broker.acknowledge(withdraw.path("event").asLong(), 0);
      assertThat(receipt.get().path("nodes").get(0).path("outcome").asString())
          .isEqualTo("applied");
      assertThat(policy().path("observed").isNull()).isTrue();
      assertThat(stateOf(first)).isEqualTo("withdrawn");

      CompletableFuture<Void> unused = broker.answering(order -> "tests fail");
      JsonNode told = apply(text(), "observe");
      assertThat(told.path("outcome").asString()).isEqualTo("refused");
      assertThat(policy().path("observed").isNull()).isTrue();
    }
    assertThat(operator.post("/v1/policy/withdraw", "").reason()).isEqualTo(Reason.POLICY_UNKNOWN);
  }

  @Test
  void rollbackGoesBackStepByStepAndNeverRound() {
    long[] version = new long[4];
    for (int i = 0; i < version.length; i++) {
      version[i] = apply(text(), "enforce").path("version").asLong();
    }
    assertThat(order("rollback", "").path("version").asLong()).isEqualTo(version[2]);
    assertThat(order("rollback", "{}").path("version").asLong()).isEqualTo(version[1]);
    assertThat(order("rollback", "{\"to\":null}").path("version").asLong()).isEqualTo(version[0]);
    assertThat(order("rollback", "{\"to\":" + version[3] + "}").path("inForce").asLong())
        .isEqualTo(version[3]);
    assertThat(order("rollback", "{\"to\":" + version[3] + "}").path("outcome").asString())
        .isEqualTo("unchanged");
    assertThat(order("rollback", "").path("version").asLong()).isEqualTo(version[2]);
    assertThat(operator.post("/v1/policy/rollback", "{\"to\":99999}").reason())
        .isEqualTo(Reason.POLICY_UNKNOWN);
  }

  @Test
  void brokerThatComesBackIsToldWhatIsInForceAfterAllThatItMissed() throws Exception {
    apply(text(), "enforce");
    String log;
    long position;
    try (FeedClient broker = new FeedClient(service)) {
      JsonNode snapshot = broker.next("snapshot");
      log = snapshot.path("feed").asString();
      position = snapshot.path("event").asLong();
    }
    long missed = apply(text(), "enforce").path("version").asLong();
    try (FeedClient broker = new FeedClient(service, log, position)) {
      assertThat(broker.next().path("type").asString()).isEqualTo("heartbeat");
      JsonNode event = broker.next();
      assertThat(event.path("event").asLong()).isEqualTo(position + 1);
      assertThat(event.path("version").asLong()).isEqualTo(missed);
      assertThat(broker.next().path("type").asString()).isEqualTo("trust");
      JsonNode told = broker.next();
      assertThat(told.path("event").asLong()).isZero();
      assertThat(told.path("version").asLong()).isEqualTo(missed);
    }
  }

  @Test
  void concurrentAppliesAreOrderedAndTheNewestIsInForce() throws Exception {
    long before = apply(text(), "enforce").path("version").asLong();
    int many = 24;
    try (FeedClient broker = new FeedClient(service)) {
      broker.next("snapshot");
      List<JsonNode> events = new ArrayList<>();
      CompletableFuture<Void> unused =
          broker.answering(
              order -> {
                events.add(order);
                return "";
              });
      List<String> all = IntStream.range(0, many).mapToObj(number -> text()).toList();
      List<Long> versions =
          all.stream()
              .map(text -> CompletableFuture.supplyAsync(() -> apply(text, "enforce")))
              .toList()
              .stream()
              .map(CompletableFuture::join)
              .map(receipt -> receipt.path("version").asLong())
              .sorted()
              .toList();
      assertThat(versions)
          .containsExactlyElementsOf(
              LongStream.rangeClosed(before + 1, before + many).boxed().toList());
      assertThat(inForce()).isEqualTo(before + many);
      long last = lastEvent();
      Awaitility.await().until(() -> events.get(events.size() - 1).path("event").asLong() == last);
      assertThat(events)
          .extracting(event -> event.path("event").asLong())
          .containsExactlyElementsOf(
              LongStream.rangeClosed(last - events.size() + 1, last).boxed().toList());
      List<Long> enforced =
          events.stream()
              .filter(event -> event.path("mode").asString().equals("enforce"))
              .map(event -> event.path("version").asLong())
              .toList();
      assertThat(enforced)
          .as("a version never follows a newer one")
          .isSorted()
          .doesNotHaveDuplicates();
      assertThat(enforced).endsWith(before + many);
    }
  }

  @Test
  void versionsAreListedNewestFirstAndKeptWithTheirText() {
    String text = text();
    JsonNode told = apply(text, "enforce");
    JsonNode newest = operator.get("/v1/policy/versions").json().path("versions").get(0);
    assertThat(newest.path("version")).isEqualTo(told.path("version"));
    assertThat(newest.path("state").asString()).isEqualTo("in-force");
    assertThat(newest.path("mode").asString()).isEqualTo("enforce");
    assertThat(newest.path("text").isMissingNode()).isTrue();
    JsonNode whole = operator.get("/v1/policy/versions/" + told.path("version").asLong()).json();
    assertThat(whole.path("text").asString()).isEqualTo(text);
    assertThat(whole.path("sha256")).isEqualTo(newest.path("sha256"));
    assertThat(operator.get("/v1/policy/versions/99999").reason()).isEqualTo(Reason.POLICY_UNKNOWN);
    assertThat(operator.get("/v1/policy/versions/x").reason()).isEqualTo(Reason.REQUEST_MALFORMED);
  }

  @Test
  void largestDocumentGoesAllTheWay() throws Exception {
    String line = "# \"" + "x".repeat(95) + "\"\n";
    String text = line.repeat(10_000);
    try (FeedClient broker = new FeedClient(service)) {
      broker.next("snapshot");
      CompletableFuture<JsonNode> receipt =
          CompletableFuture.supplyAsync(() -> apply(text, "observe"));
      JsonNode order = broker.next("policy");
      assertThat(order.path("text").asString()).isEqualTo(text);
      broker.answer(order, "applied", "");
      assertThat(receipt.get().path("outcome").asString()).isEqualTo("observed");
    }
    assertThat(post(text + "#", "observe").reason()).isEqualTo(Reason.REQUEST_TOO_LARGE);
    assertThat(post("\n".repeat(1_500_000), "observe").reason())
        .isEqualTo(Reason.REQUEST_TOO_LARGE);
    order("withdraw", "");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"text\":\"version: 1\",\"mode\":\"withdraw\"}",
        "{\"text\":\"version: 1\"}",
        "{\"text\":\"  \",\"mode\":\"enforce\"}",
        "{\"mode\":\"enforce\"}",
        "{\"text\":\"nul \\u0000\",\"mode\":\"enforce\"}",
        "{\"text\":\"lone \\ud800\",\"mode\":\"enforce\"}",
        "{\"text\":\"escape \\u001b[2J\",\"mode\":\"enforce\"}",
        "{\"text\":7",
        ""
      })
  void badOrdersAreRefused(String body) {
    long before = lastEvent();
    assertThat(operator.post("/v1/policy", body).reason()).isEqualTo(Reason.REQUEST_MALFORMED);
    assertThat(lastEvent()).isEqualTo(before);
  }

  @Test
  void policyIsForOperatorsOnlyAndAnswersForBrokersOnly() {
    Client anyone = Client.anonymous(service.endpoints());
    Client broker = Client.broker(service);
    for (String path :
        List.of("/v1/policy", "/v1/policy/versions", "/v1/policy/observed", "/v1/brokers")) {
      assertThat(anyone.get(path).reason()).isEqualTo(Reason.CERTIFICATE_MISSING);
      assertThat(broker.get(path).reason()).isEqualTo(Reason.ROLE_MISSING);
    }
    for (String path : List.of("", "/rollback", "/promote", "/withdraw")) {
      assertThat(broker.post("/v1/policy" + path, "{}").reason()).isEqualTo(Reason.ROLE_MISSING);
    }
    assertThat(operator.post("/v1/broker/policy", "{}").reason()).isEqualTo(Reason.ROLE_MISSING);
    assertThat(broker.post("/v1/broker/policy", "{\"node\":\"other\"}").reason())
        .isEqualTo(Reason.ROLE_MISSING);
  }
}
