package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.guardbee.pki.Reason;
import io.guardbee.service.Client.Answer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** What brokers tell of themselves and of those at their door, as operators see it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrokerReportTest {

  private RunningService service;
  private Client operator;
  private Client broker;
  private String node;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    service = RunningService.start(directory.resolve("reports"));
    connect();
  }

  private void connect() {
    operator = Client.operator(service.endpoints());
    broker = Client.broker(service);
    node = Client.nodeName(service);
  }

  @AfterAll
  void stop() {
    service.close();
  }

  private void report(String body) {
    Answer answer = broker.post("/v1/broker/report", body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(204);
  }

  private JsonNode status() {
    return StreamSupport.stream(
            operator.get("/v1/brokers").json().path("brokers").spliterator(), false)
        .filter(one -> one.path("node").asString().equals(node))
        .findFirst()
        .orElseThrow();
  }

  private JsonNode attempts(String device) {
    return operator.get("/v1/explain?device=" + device).json().path("attempts");
  }

  private static String refusal(String device, String reason, String more) {
    return "{\"refusals\":[{\"at\":\"%s\",\"stage\":\"connect\",\"reason\":\"%s\",\"detail\":\"what was wrong\",\"deviceId\":\"%s\",\"serial\":\"0A0B\",\"address\":\"192.0.2.9\",\"clientId\":\"%s/x\"%s}]}"
        .formatted(Instant.now().minusSeconds(3), reason, device, device, more);
  }

  @Test
  void nodeIsListedWithWhatItSaysAndWhatTheFeedKnows() throws Exception {
    report(
        """
        {"node":"%s","extension":"0.1.0","hivemq":"2025.5","policyVersion":3,"policyObserved":4,
         "feedEvent":1,"connections":17,"startedAt":"%s","contact":"%s","feedRefused":"another feed",
         "new":{"in":"future"}}
        """
            .formatted(node, Instant.now().minusSeconds(60), Instant.now()));
    try (FeedClient feed = new FeedClient(service)) {
      long event = feed.next("snapshot").path("event").asLong();
      assertThat(status().path("lag").asLong()).isEqualTo(event - 1);
      feed.acknowledge(event, 0);
      JsonNode status = status();
      assertThat(status.path("connected").asBoolean()).isTrue();
      assertThat(status.path("extension").asString()).isEqualTo("0.1.0");
      assertThat(status.path("hivemq").asString()).isEqualTo("2025.5");
      assertThat(status.path("policyVersion").asLong()).isEqualTo(3);
      assertThat(status.path("policyObserved").asLong()).isEqualTo(4);
      assertThat(status.path("connections").asLong()).isEqualTo(17);
      assertThat(status.path("feedRefused").asString()).isEqualTo("another feed");
      assertThat(status.path("feedEvent").asLong()).isEqualTo(event);
      assertThat(status.path("lag").asLong()).isZero();
      assertThat(Instant.parse(status.path("startedAt").asString())).isBefore(Instant.now());
      assertThat(operator.get("/v1/brokers").json().path("lastEvent").asLong()).isEqualTo(event);
    }
  }

  @Test
  void refusalAtTheDoorIsExplainedWithStageAddressAndNextStep() {
    report(refusal("door-1", "certificate-revoked", ""));
    report(refusal("door-1", "certificate-revoked", ""));
    JsonNode attempt = attempts("door-1").get(0);
    assertThat(attempt.path("outcome").asString()).isEqualTo("certificate-revoked");
    assertThat(attempt.path("door").asString()).isEqualTo("broker");
    assertThat(attempt.path("address").asString()).isEqualTo("192.0.2.9");
    assertThat(attempt.path("times").asInt()).isEqualTo(2);
    assertThat(attempt.path("request").asString())
        .isEqualTo("connect at " + node + " as client \"door-1/x\" with certificate 0A0B");
    assertThat(attempt.path("nextStep").asString()).contains("guardbee device grant door-1");
    assertThat(Instant.parse(attempt.path("at").asString())).isBefore(Instant.now());

    StringWriter out = new StringWriter();
    CommandLine line = new CommandLine(new Main()).setOut(new PrintWriter(out, true));
    String home = service.home().directory().toString();
    assertThat(line.execute("device", "explain", "door-1", "--home", home)).isZero();
    assertThat(out.toString())
        .contains("192.0.2.9       certificate-revoked: what was wrong (2 times)")
        .contains("by the broker: connect at " + node);
  }

  private static String topics(String device, String topic, String reason, int times, long ago) {
    Instant last = Instant.now().minusSeconds(ago);
    return "{\"deviceId\":\"%s\",\"action\":\"publish\",\"filter\":\"%s\",\"reason\":\"%s\",\"times\":%d,\"first\":\"%s\",\"last\":\"%s\",\"address\":\"192.0.2.9\"}"
        .formatted(device, topic, reason, times, last.minusSeconds(60), last);
  }

  private void reportTopics(String... requests) {
    report("{\"refusedRequests\":[" + String.join(",", requests) + "]}");
  }

  private List<String> refusedTopics(String device) {
    return operator
        .get("/v1/explain?device=" + device)
        .json()
        .path("findings")
        .valueStream()
        .filter(finding -> finding.path("topic").asString().equals("refused"))
        .map(finding -> finding.path("verdict").asString() + " " + finding.path("says").asString())
        .toList();
  }

  @Test
  void topicsThatWereRefusedAreSummedUpForTheDevice() {
    reportTopics(
        topics("prober-1", "devices/d-2/telemetry/...", "uncovered", 17, 5),
        topics("prober-1", "devices/d-3/telemetry/...", "denied", 1, 3));
    reportTopics(topics("prober-1", "devices/d-2/telemetry/...", "uncovered", 3, 1));
    assertThat(refusedTopics("prober-1"))
        .hasSize(2)
        .anySatisfy(
            says ->
                assertThat(says)
                    .startsWith("bad publish devices/d-2/telemetry/... at " + node)
                    .contains(": uncovered: nothing in the policy allows it: 20 times, from "))
        .anySatisfy(says -> assertThat(says).contains("d-3", "denied: ", ": 1 time, at "));
    assertThat(attempts("prober-1")).hasSize(2);
    assertThat(attempts("prober-1").get(0).path("outcome").asString())
        .isEqualTo("topic-not-allowed");
    StringWriter out = new StringWriter();
    CommandLine line = new CommandLine(new Main()).setOut(new PrintWriter(out, true));
    String home = service.home().directory().toString();
    assertThat(line.execute("device", "explain", "prober-1", "--home", home)).isZero();
    assertThat(out.toString())
        .contains("publish devices/d-2/telemetry/... at " + node, "20 times, from ");

    reportTopics(topics("prober-2", "devices/d-2/telemetry/...", "uncovered", 5, 90_000));
    assertThat(refusedTopics("prober-2")).singleElement(STRING).startsWith("note ");
  }

  @Test
  void hostileReportOfTopicsStaysWithinItsBounds() {
    reportTopics(
        "{}",
        topics("prober-3", "x".repeat(500) + "\\u001b[2J", "\\u0000y".repeat(500), -7, -90_000),
        topics("prober-3", "a", "b", 1, 0)
            .replaceAll("\"last\":\"[^\"]*", "\"last\":\"-999999999-01-01T00:00:00Z"),
        topics("prober-3", "c", "d", 1, 0)
            .replaceAll("\"first\":\"[^\"]*", "\"first\":\"+999999999-01-01T00:00:00Z"));
    assertThat(refusedTopics("prober-3"))
        .hasSize(3)
        .allSatisfy(says -> assertThat(says).hasSizeLessThan(1000).doesNotContain("\u001b"));
  }

  @Test
  void hostileReportStaysWithinItsBounds() {
    report(refusal("door-2", "a-reason-of-the-future", ""));
    assertThat(attempts("door-2").get(0).path("detail").asString())
        .isEqualTo("a-reason-of-the-future: what was wrong");
    report(
        "{\"refusals\":[{}],\"clones\":[{}],\"observed\":[{}],\"connections\":-7,"
            + "\"extension\":\"\\u001b[2J"
            + "x".repeat(5000)
            + "\",\"startedAt\":\"+999999999-01-01T00:00:00Z\"}");
    assertThat(status().path("connections").asLong()).isZero();
    assertThat(status().path("extension").asString()).startsWith("\\u001B[2Jx").hasSize(64);
    assertThat(status().path("startedAt").isNull()).isTrue();
    assertThat(broker.post("/v1/broker/report", " ".repeat(2_000_001)).reason())
        .isEqualTo(Reason.REQUEST_TOO_LARGE);
    assertThat(broker.post("/v1/broker/report", "[1]").reason())
        .isEqualTo(Reason.REQUEST_MALFORMED);
  }

  @Test
  void cloneIsOnRecordOnceAMinuteHoweverOftenItIsTold() {
    String alarm =
        "{\"clones\":[{\"at\":\"%s\",\"deviceId\":\"twin-1\",\"serial\":\"0C\",\"addresses\":[\"192.0.2.1\",\"192.0.2.2\"],\"action\":\"alert\"}]}"
            .formatted(Instant.now());
    report(alarm);
    report(alarm);
    JsonNode attempt = attempts("twin-1").get(0);
    assertThat(attempt.path("outcome").asString()).isEqualTo("clone-suspected");
    assertThat(attempt.path("detail").asString())
        .isEqualTo("certificate 0C is in two places: 192.0.2.1 and 192.0.2.2");
    assertThat(operator.get("/v1/audit/head").status()).isEqualTo(200); // seals
    assertThat(
            operator
                .get("/v1/audit?after=0")
                .body()
                .lines()
                .filter(line -> line.contains("clone-suspected") && line.contains("twin-1")))
        .singleElement()
        .asString()
        .contains("\"actor\":\"broker:" + node + "\"")
        .contains("\"action\":\"alert\"");
  }

  @Test
  void reportIsForBrokersAndEachForItself() {
    String path = "/v1/broker/report";
    assertThat(operator.post(path, "{}").reason()).isEqualTo(Reason.ROLE_MISSING);
    assertThat(Client.anonymous(service.endpoints()).post(path, "{}").reason())
        .isEqualTo(Reason.CERTIFICATE_MISSING);
    assertThat(broker.post(path, "{\"node\":\"broker-9\"}").reason())
        .isEqualTo(Reason.ROLE_MISSING);
  }

  @Test
  void newHomeHasABrokerNameOfItsOwnAndKeepsIt(@TempDir Path other) throws IOException {
    assertThat(node).matches("broker-[0-9a-f]{8}");
    try (RunningService another = RunningService.start(other.resolve("home"))) {
      String name = Client.nodeName(another);
      assertThat(name).matches("broker-[0-9a-f]{8}").isNotEqualTo(node);
      another.stop();
      String config = Files.readString(another.home().config());
      Files.writeString(
          another.home().config(), config.replace("listen:", "listen:\n  names: [elsewhere]"));
      Path certificate = another.home().broker().resolve("conf/broker.pem");
      String before = Files.readString(certificate);
      another.restart();
      assertThat(Files.readString(certificate)).as("issued anew").isNotEqualTo(before);
      assertThat(Client.nodeName(another)).isEqualTo(name);
    }
  }
}
