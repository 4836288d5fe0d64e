package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Reason;
import io.guardbee.service.Client.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.SynchronousQueue;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
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

  /** What a broker says that says nothing. */
  private static final String NOTHING = "-";

  private final Hand clock = new Hand();
  private final List<JsonNode> heard = new CopyOnWriteArrayList<>();
  private volatile Function<JsonNode, String> reply = order -> "";
  private RunningService service;
  private FeedClient broker;
  private Client operator;
  private int texts;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    service =
        RunningService.start(
            clock, directory.resolve("policy"), "revocation:", "  acknowledgeTimeout: PT3S");
    operator = Client.operator(service.endpoints());
    broker = new FeedClient(service);
    broker.next("snapshot");
    CompletableFuture<Void> unused =
        broker.answering(
            order -> {
              heard.add(order);
              return reply.apply(order);
            });
  }

  @AfterAll
  void stop() throws IOException {
    service.close();
    broker.close();
  }

  @BeforeEach
  void obey() {
    reply = order -> "";
    heard.clear();
  }

  /** What the broker was told, such as {@code enforce 7}. */
  private List<String> orders() {
    return heard.stream()
        .map(order -> order.path("mode").asString() + " " + order.path("version").asLong())
        .toList();
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
  void newVersionIsShownThenReachesTheBrokerAndTheReceiptWaitsForItsAnswer() throws Exception {
    String text = text();
    SynchronousQueue<String> answers = new SynchronousQueue<>();
    reply = order -> taken(answers);
    CompletableFuture<JsonNode> receipt =
        CompletableFuture.supplyAsync(() -> apply(text, "enforce"));
    Awaitility.await().until(() -> heard.size() == 1);
    JsonNode foresee = heard.get(0);
    assertThat(foresee.path("mode").asString()).isEqualTo("foresee");
    assertThat(foresee.path("text").asString()).isEqualTo(text);
    assertThat(inForce()).isNotEqualTo(foresee.path("version").asLong());
    answers.put("");
    Awaitility.await().until(() -> heard.size() == 2);
    JsonNode enforce = heard.get(1);
    assertThat(enforce.path("mode").asString()).isEqualTo("enforce");
    assertThat(enforce.path("text").asString()).isEqualTo(text);
    assertThat(receipt).as("not before the answer").isNotDone();
    answers.put("");

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

  private static String taken(SynchronousQueue<String> answers) {
    try {
      return answers.take();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
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
  void versionThatABrokerRefusesComesIntoForceNowhere() {
    long before = apply(text(), "enforce").path("version").asLong();
    reply = order -> "line 2: no such key";
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

  private JsonNode despite(String text) {
    Answer answer =
        operator.post(
            "/v1/policy",
            "{\"mode\":\"enforce\",\"text\":%s,\"despite\":[\"%s\"]}"
                .formatted(FeedClient.JSON.writeValueAsString(text), broker.node()));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json();
  }

  private JsonNode listed() {
    return operator.get("/v1/brokers").json().path("brokers").get(0);
  }

  @Test
  void refusalOfWhatIsInForceTakesNothingBackAndNamesTheBroker() {
    long before = apply(text(), "enforce").path("version").asLong();
    heard.clear();
    reply =
        order ->
            order.path("mode").asString().equals("enforce")
                    && order.path("version").asLong() > before
                ? "no memory left"
                : "";
    JsonNode told = apply(text(), "enforce");
    long version = told.path("version").asLong();
    assertThat(told.path("outcome").asString()).isEqualTo("applied");
    assertThat(told.path("inForce").asLong()).isEqualTo(version);
    assertThat(told.path("nodes").get(0).path("outcome").asString()).isEqualTo("refused");
    assertThat(told.path("nodes").get(0).path("detail").asString()).isEqualTo("no memory left");
    assertThat(stateOf(version)).isEqualTo("in-force");
    assertThat(orders()).containsExactly("foresee " + version, "enforce " + version);
    assertThat(listed().path("policyRefused").asString())
        .isEqualTo("version " + version + ": no memory left");
    assertThat(audit())
        .contains("\"action\":\"policy-refused\",\"actor\":\"broker:")
        .doesNotContain("\"action\":\"policy-rolled-back\",\"actor\":\"service\"");
    assertThat(order("rollback", "").path("version").asLong()).isEqualTo(before);
    assertThat(listed().path("policyRefused").isNull()).isTrue();
  }

  @Test
  void operatorDecidesWhetherARefusalAtFirstSightHoldsTheOthersUp() {
    long before = apply(text(), "enforce").path("version").asLong();
    reply = order -> order.path("version").asLong() > before ? "no such key here" : "";
    String text = text();
    assertThat(apply(text, "enforce").path("outcome").asString()).isEqualTo("refused");
    assertThat(inForce()).isEqualTo(before);
    JsonNode told = despite(text);
    long version = told.path("version").asLong();
    assertThat(told.path("outcome").asString()).isEqualTo("applied");
    assertThat(inForce()).isEqualTo(version);
    assertThat(listed().path("policyRefused").asString()).contains("no such key here");
    broker.answer(heard.get(heard.size() - 1), "applied", ""); // it was mended
    assertThat(listed().path("policyRefused").isNull()).isTrue();
  }

  @Test
  void promotionIsShownFirstToo() {
    long before = apply(text(), "enforce").path("version").asLong();
    long observed = apply(text(), "observe").path("version").asLong();
    reply = order -> "not that one";
    JsonNode told = order("promote", "");
    assertThat(told.path("outcome").asString()).isEqualTo("refused");
    assertThat(inForce()).isEqualTo(before);
    assertThat(stateOf(observed)).as("the observation goes on").isEqualTo("observed");
    JsonNode despite = order("promote", "{\"despite\":[\"" + broker.node() + "\"]}");
    assertThat(despite.path("outcome").asString()).isEqualTo("applied");
    assertThat(inForce()).isEqualTo(observed);
  }

  @Test
  void lateRefusalOfWhatIsInForceLongSinceIsNamed() {
    apply(text(), "enforce");
    long version = apply(text(), "enforce").path("version").asLong();
    clock.advance(Duration.ofMinutes(2));
    broker.answer(heard.get(heard.size() - 1), "refused", "not by me");
    assertThat(inForce()).isEqualTo(version);
    JsonNode said = policy().path("nodes").get(0);
    assertThat(said.path("outcome").asString()).isEqualTo("refused");
    assertThat(said.path("detail").asString()).isEqualTo("not by me");
    assertThat(listed().path("policyRefused").asString()).contains("not by me");
  }

  @Test
  void brokerThatDoesNotAnswerIsNamedAndHoldsNothingUp() {
    reply = order -> NOTHING;
    JsonNode told = apply(text(), "enforce");
    assertThat(told.path("outcome").asString()).isEqualTo("applied");
    assertThat(told.path("nodes").get(0).path("outcome").asString()).isEqualTo("silent");
    assertThat(inForce()).isEqualTo(told.path("version").asLong());
  }

  @Test
  void foreseenVersionIsShownAndNeverInForce() {
    long before = apply(text(), "enforce").path("version").asLong();
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

  @Test
  void observedVersionCountsThenDecides() throws Exception {
    long before = apply(text(), "enforce").path("version").asLong();
    String text = text();
    long observed = apply(text, "observe").path("version").asLong();
    assertThat(apply(text, "observe").path("outcome").asString()).isEqualTo("unchanged");
    assertThat(inForce()).isEqualTo(before);
    assertThat(policy().path("observed").path("text").asString()).isEqualTo(text);
    try (FeedClient newcomer = new FeedClient(service)) {
      assertThat(newcomer.next("policy").path("mode").asString()).isEqualTo("enforce");
      JsonNode second = newcomer.next("policy");
      assertThat(second.path("event").asLong()).as("a part of the whole status").isZero();
      assertThat(second.path("mode").asString()).isEqualTo("observe");
      assertThat(second.path("version").asLong()).isEqualTo(observed);
    }
    report(observed, 2);
    report(observed, 3);
    JsonNode seen = operator.get("/v1/policy/observed").json();
    assertThat(seen.path("version").asLong()).isEqualTo(observed);
    assertThat(seen.path("refusals").size()).isEqualTo(1);
    assertThat(seen.path("refusals").get(0).path("count").asLong()).isEqualTo(5);

    assertThat(order("promote", "").path("version").asLong()).isEqualTo(observed);
    assertThat(inForce()).isEqualTo(observed);
    assertThat(policy().path("observed").isNull()).isTrue();
    assertThat(order("rollback", "").path("version").asLong()).isEqualTo(before);
    assertThat(operator.post("/v1/policy/promote", "").reason()).isEqualTo(Reason.POLICY_UNKNOWN);
    assertThat(orders())
        .endsWith(
            "observe " + observed,
            "foresee " + observed,
            "enforce " + observed,
            "enforce " + before);
  }

  /** With what is of another version and comes too late. */
  private void report(long observed, int count) {
    String refusal =
        "{\"version\":%d,\"rule\":\"sensors\",\"deviceId\":\"d-1\",\"request\":\"publish a\","
            + "\"count\":%d}";
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

  @Test
  void observationIsEndedByTheOperatorAndNotByABrokerThatRefuses() throws Exception {
    long first = apply(text(), "observe").path("version").asLong();
    JsonNode withdrawn = order("withdraw", "");
    assertThat(withdrawn.path("outcome").asString()).isEqualTo("withdrawn");
    assertThat(withdrawn.path("nodes").get(0).path("outcome").asString()).isEqualTo("applied");
    assertThat(orders()).endsWith("observe " + first, "withdraw " + first);
    assertThat(policy().path("observed").isNull()).isTrue();
    assertThat(stateOf(first)).isEqualTo("withdrawn");
    assertThat(
            Client.broker(service)
                .post("/v1/broker/report", "{\"policyObserved\":" + first + "}")
                .status())
        .isEqualTo(204);
    try (FeedClient away = new FeedClient(service)) { // since it observed that
      JsonNode last = away.next("policy");
      while (!last.path("mode").asString().equals("withdraw")) {
        last = away.next("policy");
      }
      assertThat(last.path("event").asLong()).isZero();
      assertThat(last.path("version").asLong()).isEqualTo(first);
    }
    assertThat(Client.broker(service).post("/v1/broker/report", "{}").status()).isEqualTo(204);

    reply = order -> order.path("mode").asString().equals("observe") ? "tests fail" : "";
    JsonNode told = apply(text(), "observe");
    assertThat(told.path("outcome").asString()).isEqualTo("observed");
    assertThat(told.path("nodes").get(0).path("outcome").asString()).isEqualTo("refused");
    assertThat(policy().path("observed").path("version")).isEqualTo(told.path("version"));
    order("withdraw", "");
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
  void brokerThatComesBackIsToldWhatIsInForceAndAllThatItMissed() throws Exception {
    apply(text(), "enforce");
    String log;
    long position;
    try (FeedClient leaving = new FeedClient(service)) {
      JsonNode snapshot = leaving.next("snapshot");
      log = snapshot.path("feed").asString();
      position = snapshot.path("event").asLong();
    }
    long missed = apply(text(), "enforce").path("version").asLong();
    try (FeedClient back = new FeedClient(service, log, position)) {
      JsonNode trust = back.next();
      assertThat(trust.path("type").asString()).isEqualTo("trust");
      assertThat(trust.path("event").asLong()).isZero();
      JsonNode told = back.next();
      assertThat(told.path("event").asLong()).isZero();
      assertThat(told.path("version").asLong()).isEqualTo(missed);
      for (String mode : List.of("foresee", "enforce")) {
        JsonNode event = back.next();
        assertThat(event.path("event").asLong()).isEqualTo(++position);
        assertThat(event.path("mode").asString()).isEqualTo(mode);
        assertThat(event.path("version").asLong()).isEqualTo(missed);
      }
    }
  }

  @Test
  void concurrentAppliesAreOrderedAndTheNewestIsInForce() {
    long before = apply(text(), "enforce").path("version").asLong();
    heard.clear();
    int many = 24;
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
    Awaitility.await().until(() -> heard.get(heard.size() - 1).path("event").asLong() == last);
    assertThat(heard)
        .extracting(event -> event.path("event").asLong())
        .as("in order; what was to be foreseen may be void by its turn")
        .isSorted()
        .doesNotHaveDuplicates();
    List<Long> enforced =
        heard.stream()
            .filter(event -> event.path("mode").asString().equals("enforce"))
            .map(event -> event.path("version").asLong())
            .toList();
    assertThat(enforced)
        .as("a version never follows a newer one")
        .isSorted()
        .doesNotHaveDuplicates();
    assertThat(enforced).endsWith(before + many);
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
  void largestDocumentGoesAllTheWay() {
    String line = "# \"" + "x".repeat(95) + "\"\n";
    String text = line.repeat(10_000);
    assertThat(apply(text, "observe").path("outcome").asString()).isEqualTo("observed");
    assertThat(heard.get(heard.size() - 1).path("text").asString()).isEqualTo(text);
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
