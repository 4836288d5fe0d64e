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
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Revocation and the status feed, as operators and brokers meet them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RevocationTest {

  private RunningService service;
  private Client anyone;
  private Client operator;
  private Client broker;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    service =
        RunningService.start(
            directory.resolve("revocation"), "revocation:", "  acknowledgeTimeout: PT5S");
    anyone = Client.anonymous(service.endpoints());
    operator = Client.operator(service.endpoints());
    broker = Client.broker(service);
  }

  @AfterAll
  void stop() {
    service.close();
  }

  private String enrolled(String id) {
    String token =
        operator.post("/v1/devices/" + id + "/grants", "").json().path("token").asString();
    assertThat(anyone.enrol("/simpleenroll", id, token, Csr.of(Csr.newKey()).base64()).status())
        .isEqualTo(200);
    return id;
  }

  private Answer revoke(String id) {
    return operator.post("/v1/devices/" + id + "/revocation", "{\"reason\":\"keyCompromise\"}");
  }

  @Test
  void receiptWaitsForTheBrokerAndTellsWhatItEnded() throws Exception {
    String id = enrolled("rev-1");
    try (FeedClient feed = new FeedClient(service)) {
      feed.next("snapshot");
      CompletableFuture<Answer> receipt = CompletableFuture.supplyAsync(() -> revoke(id));
      JsonNode event = feed.next("status");
      assertThat(event.path("deviceId").asString()).isEqualTo(id);
      assertThat(receipt).as("not before the acknowledgement").isNotDone();
      feed.acknowledge(event.path("event").asLong(), 1);
      JsonNode told = receipt.get().json();
      assertThat(told.path("sessionsEnded").asInt()).isEqualTo(1);
      assertThat(told.path("nodes").toString())
          .isEqualTo(
              "[{\"node\":\""
                  + feed.node()
                  + "\",\"event\":"
                  + event.path("event").asLong()
                  + ",\"acknowledged\":true}]");
      assertThat(event.at("/certificates/0/subject").asString())
          .as("by which brokers find the rule of its policy")
          .startsWith("CN=" + id + ",OU=");
      assertThat(told.path("serials").get(0).asString())
          .isEqualTo(event.path("certificates").get(0).path("serial").asString());
    }
  }

  @Test
  void eventsAcknowledgedTogetherKeepTheirOwnNumbers() throws Exception {
    String one = enrolled("rev-t1");
    String other = enrolled("rev-t2");
    try (FeedClient feed = new FeedClient(service)) {
      feed.next("snapshot");
      CompletableFuture<Answer> first = CompletableFuture.supplyAsync(() -> revoke(one));
      long event = feed.next("status").path("event").asLong();
      CompletableFuture<Answer> second = CompletableFuture.supplyAsync(() -> revoke(other));
      long next = feed.next("status").path("event").asLong();
      assertThat(
              broker
                  .post(
                      "/v1/feed/ack",
                      "{\"node\":\"%s\",\"event\":%d,\"sessionsEnded\":5,\"retainedCleared\":7,\"before\":[{\"event\":%d,\"sessionsEnded\":3}]}"
                          .formatted(feed.node(), next, event))
                  .status())
          .isEqualTo(204);
      assertThat(first.get().json().path("sessionsEnded").asInt()).isEqualTo(3);
      assertThat(second.get().json().path("sessionsEnded").asInt()).isEqualTo(5);
      assertThat(second.get().json().path("retainedCleared").asInt()).isEqualTo(7);
      assertThat(first.get().json().path("retainedCleared").asInt()).isZero();
    }
  }

  @Test
  void whatIsStillBeingDeletedIsToldUntilItIsGone() throws Exception {
    String id = enrolled("rev-p1");
    try (FeedClient feed = new FeedClient(service)) {
      feed.next("snapshot");
      CompletableFuture<Answer> receipt = CompletableFuture.supplyAsync(() -> revoke(id));
      long event = feed.next("status").path("event").asLong();
      feed.acknowledgePending(event, 1, 2);
      JsonNode told = receipt.get().json();
      assertThat(told.path("nodes").get(0).path("acknowledged").asBoolean()).isTrue();
      assertThat(told.path("sessionsEnded").asInt()).isEqualTo(1);
      assertThat(told.path("sessionsPending").asInt()).isEqualTo(2);
      assertThat(told.path("retainedCleared").asInt()).isZero();
      assertThat(told.path("retainedPending").asInt()).isEqualTo(1);
      JsonNode brokers = operator.get("/v1/brokers").json();
      assertThat(brokers.at("/sessionsPending/" + feed.node()).asInt()).isEqualTo(2);
      assertThat(brokers.path("retainedPending").get(0).asString()).isEqualTo(feed.node());
      feed.acknowledgeDone(event, 4);
      brokers = operator.get("/v1/brokers").json();
      assertThat(brokers.path("sessionsPending").isEmpty()).isTrue();
      assertThat(brokers.path("retainedPending").isEmpty()).isTrue();
      JsonNode again = revoke(id).json();
      assertThat(again.path("sessionsPending").asInt()).isZero();
    }
  }

  @Test
  void brokerThatDoesNotAnswerIsNamed() throws Exception {
    String id = enrolled("rev-2");
    try (FeedClient feed = new FeedClient(service)) {
      feed.next("snapshot");
      JsonNode told = revoke(id).json();
      assertThat(told.path("nodes").get(0).path("acknowledged").asBoolean()).isFalse();
    }
  }

  @Test
  void brokerResumesAfterItsLastEventAndNewcomersGetASnapshot() throws Exception {
    long position;
    String log;
    try (FeedClient feed = new FeedClient(service)) {
      JsonNode snapshot = feed.next("snapshot");
      position = snapshot.path("event").asLong();
      log = snapshot.path("feed").asString();
    }
    String id = enrolled("rev-3");
    revoke(id);
    try (FeedClient resumed = new FeedClient(service, log, position)) {
      JsonNode first = resumed.next();
      assertThat(first.path("type").asString()).as("what is in force").isEqualTo("trust");
      assertThat(first.path("event").asLong()).isZero();
      JsonNode missed = resumed.next();
      assertThat(missed.path("type").asString()).as("no snapshot").isEqualTo("status");
      assertThat(missed.path("deviceId").asString()).isEqualTo(id);
    }
    for (String unknown : List.of("", "00000000-0000-0000-0000-000000000000")) {
      try (FeedClient fresh = new FeedClient(service, unknown, position)) {
        JsonNode snapshot = fresh.next("snapshot");
        assertThat(snapshot.path("last").asBoolean()).isTrue();
        assertThat(snapshot.path("certificates").toString()).contains(id);
      }
    }
  }

  @Test
  void eventNumbersHaveNoGapsAndComeInOrder() throws Exception {
    List<String> ids = IntStream.range(0, 40).mapToObj(i -> enrolled("many-" + i)).toList();
    try (FeedClient feed = new FeedClient(service)) {
      long start = feed.next("snapshot").path("event").asLong();
      CompletableFuture<?>[] revocations =
          ids.stream()
              .map(id -> CompletableFuture.runAsync(() -> revoke(id)))
              .toArray(CompletableFuture[]::new);
      List<Long> seen = new ArrayList<>();
      while (seen.size() < ids.size()) {
        long event = feed.next("status").path("event").asLong();
        seen.add(event);
        feed.acknowledge(event, 0);
      }
      CompletableFuture.allOf(revocations).get();
      assertThat(seen)
          .containsExactlyElementsOf(
              LongStream.rangeClosed(start + 1, start + ids.size()).boxed().toList());
    }
  }

  @Test
  void idleFeedShowsThatItLives() throws Exception {
    try (FeedClient feed = new FeedClient(service)) {
      feed.next("snapshot");
      Awaitility.await().until(() -> feed.next().path("type").asString().equals("heartbeat"));
    }
  }

  @Test
  void feedIsForBrokersOnlyAndEachForItself() {
    assertThat(anyone.get("/v1/feed").reason()).isEqualTo(Reason.CERTIFICATE_MISSING);
    assertThat(operator.get("/v1/feed").reason()).isEqualTo(Reason.ROLE_MISSING);
    assertThat(broker.get("/v1/feed?node=broker-2").reason()).isEqualTo(Reason.ROLE_MISSING);
    assertThat(broker.get("/v1/feed?after=x").reason()).isEqualTo(Reason.REQUEST_MALFORMED);
    assertThat(broker.post("/v1/devices/x/revocation", "{}").reason())
        .isEqualTo(Reason.ROLE_MISSING);
  }

  @Test
  void revocationOutlivesARestart() throws Exception {
    String id = enrolled("rev-4");
    revoke(id);
    service.restart();
    anyone = Client.anonymous(service.endpoints());
    operator = Client.operator(service.endpoints());
    broker = Client.broker(service);
    assertThat(operator.get("/v1/devices/" + id).json().path("status").asString())
        .isEqualTo("revoked");
    try (FeedClient feed = new FeedClient(service)) {
      assertThat(feed.next("snapshot").path("certificates").toString()).contains(id);
    }
  }

  @Test
  void badRevocationsAreRefused() {
    assertThat(revoke("nobody").status()).isEqualTo(404);
    enrolled("rev-5");
    for (String body :
        List.of("{\"reason\":\"because\"}", "{\"reason\":\"certificateHold\"}", "nonsense", "")) {
      Answer answer = operator.post("/v1/devices/rev-5/revocation", body);
      assertThat(answer.status()).as(body).isEqualTo(400);
      assertThat(answer.reason()).as(body).isEqualTo(Reason.REQUEST_MALFORMED);
      assertThat(answer.raw().headers().firstValue("content-type"))
          .hasValue("application/problem+json");
    }
    assertThat(operator.get("/v1/devices/rev-5").json().path("status").asString())
        .isEqualTo("active");
    assertThat(operator.post("/v1/devices/rev-5/revocation", "{}").status())
        .as("unspecified, as by the command line")
        .isEqualTo(200);
  }

  @Test
  void tokensOfARevokedDeviceAreWithdrawn() {
    String id = enrolled("rev-6");
    String token =
        operator.post("/v1/devices/" + id + "/grants", "").json().path("token").asString();
    revoke(id);
    assertThat(anyone.enrol("/simpleenroll", id, token, Csr.of(Csr.newKey()).base64()).reason())
        .isEqualTo(Reason.TOKEN_EXPIRED);
  }
}
