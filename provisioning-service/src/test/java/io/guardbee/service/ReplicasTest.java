package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.guardbee.operator.Endpoints;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.service.config.Home;
import io.guardbee.service.store.OnPostgres;
import io.guardbee.testing.ChildJvm;
import io.guardbee.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Two services, each with a home of its own, on one PostgreSQL database and one token. */
class ReplicasTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir private Path directory;
  private final TestPostgres.Db db = OnPostgres.create();

  private RunningService first() throws IOException {
    return RunningService.start(directory.resolve("a"), configuration());
  }

  private RunningService second() throws IOException {
    copyAuthorities(directory.resolve("a/ca"), directory.resolve("b/ca"));
    return RunningService.start(directory.resolve("b"), configuration());
  }

  /** The load comes from one address, as fast as it can. */
  private String[] configuration() {
    return Stream.concat(
            Stream.of(db.configuration()), Stream.of("limits: {perAddress: 0, perIdentity: 0}"))
        .toArray(String[]::new);
  }

  private static void copyAuthorities(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Path target = to.resolve(from.relativize(path));
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else if (!path.getFileName().toString().equals("https.pem")) {
          Files.copy(path, target);
        }
      }
    }
  }

  private static String grant(Endpoints at, String id) {
    return Client.operator(at)
        .post("/v1/devices/" + id + "/grants", "")
        .json()
        .path("token")
        .asString();
  }

  private static Client.Answer revoke(Endpoints at, String id) {
    return Client.operator(at)
        .post("/v1/devices/" + id + "/revocation", "{\"reason\":\"keyCompromise\"}");
  }

  @Test
  void deviceEnrolsAtOneRenewsAtTheOtherAndIsRevokedForBoth() throws Exception {
    try (RunningService a = first();
        RunningService b = second()) {
      KeyPair key = Csr.newKey();
      String token = grant(a.endpoints(), "d-1");
      Client.Answer issued =
          Client.anonymous(b.endpoints())
              .enrol("/simpleenroll", "d-1", token, Csr.of(key).base64());
      Client device = Client.with(a.endpoints(), key, issued.certificates().get(0));
      assertThat(device.renew(Csr.of(Csr.newKey()).base64()).status()).isEqualTo(200);
      assertThat(
              Client.anonymous(a.endpoints())
                  .enrol("/simpleenroll", "d-1", token, Csr.of(key).base64())
                  .certificates())
          .as("the same request again, elsewhere")
          .isEqualTo(issued.certificates());
      assertThat(revoke(a.endpoints(), "d-1").status()).isEqualTo(200);
      assertThat(device.at(b.endpoints()).renew(Csr.of(Csr.newKey()).base64()).reason())
          .isEqualTo(Reason.CERTIFICATE_REVOKED);
    }
  }

  @Test
  void receiptWaitsForTheBrokersOfTheOtherReplica() throws Exception {
    try (RunningService a = first();
        RunningService b = second()) {
      KeyPair key = Csr.newKey();
      Client.anonymous(a.endpoints())
          .enrol("/simpleenroll", "d-1", grant(a.endpoints(), "d-1"), Csr.of(key).base64());
      try (FeedClient broker = new FeedClient(b)) {
        broker.next("snapshot");
        CompletableFuture<Client.Answer> receipt =
            CompletableFuture.supplyAsync(() -> revoke(a.endpoints(), "d-1"));
        JsonNode event = broker.next("status");
        assertThat(event.path("deviceId").asString()).isEqualTo("d-1");
        assertThat(receipt).as("not before the acknowledgement").isNotDone();
        broker.acknowledgePending(event.path("event").asLong(), 2, 3);
        JsonNode told = receipt.get().json();
        assertThat(told.path("sessionsPending").asInt()).isEqualTo(3);
        assertThat(told.path("retainedPending").asInt()).isEqualTo(1);
        assertThat(pending(a).path(broker.node()).asInt()).isEqualTo(3);
        broker.acknowledgeDone(event.path("event").asLong(), 4);
        assertThat(pending(a).isEmpty()).isTrue();
        assertThat(told.path("sessionsEnded").asInt()).isEqualTo(2);
        assertThat(told.path("nodes").toString())
            .isEqualTo(
                "[{\"node\":\""
                    + broker.node()
                    + "\",\"event\":"
                    + event.path("event")
                    + ",\"acknowledged\":true}]");
        policiesOfBothComeInOneOrder(a, b, broker);
      }
      await()
          .untilAsserted(
              () ->
                  assertThat(
                          revoke(a.endpoints(), "d-1")
                              .json()
                              .path("nodes")
                              .get(0)
                              .has("notReachedSince"))
                      .as("it has left the other replica")
                      .isTrue());
    }
  }

  private static JsonNode pending(RunningService replica) {
    return Client.operator(replica.endpoints()).get("/v1/brokers").json().path("sessionsPending");
  }

  @Test
  void brokerThatIsRevokedAtOneLosesItsFeedAtTheOther() throws Exception {
    try (RunningService a = first();
        RunningService b = second();
        FeedClient broker = new FeedClient(b)) {
      broker.next("snapshot");
      Client.Answer revoked =
          Client.operator(a.endpoints())
              .post(
                  "/v1/brokers/" + broker.node() + "/revocation", "{\"reason\":\"keyCompromise\"}");
      assertThat(revoked.status()).as(revoked.body()).isEqualTo(200);
      assertThat(revoked.json().path("connectionsEnded").asInt()).as("there").isZero();
      broker.awaitEnd();
    }
  }

  /** Of one replica's orders, another's broker is asked. */
  private static void policiesOfBothComeInOneOrder(
      RunningService a, RunningService b, FeedClient broker) {
    CompletableFuture<Void> unused = broker.answering(order -> "");
    Client.Answer first = apply(a, "version: 1\n");
    assertThat(first.json().path("nodes").get(0).path("node").asString()).isEqualTo(broker.node());
    assertThat(first.json().path("nodes").get(0).path("outcome").asString()).isEqualTo("applied");
    List<JsonNode> receipts =
        IntStream.range(0, 8)
            .mapToObj(
                number ->
                    CompletableFuture.supplyAsync(
                        () -> apply(number % 2 == 0 ? a : b, "version: 1 # " + number).json()))
            .toList()
            .stream()
            .map(CompletableFuture::join)
            .toList();
    assertThat(receipts)
        .extracting(receipt -> receipt.path("version").asLong())
        .containsExactlyInAnyOrder(2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
    for (RunningService one : List.of(a, b)) {
      assertThat(Client.operator(one.endpoints()).get("/v1/policy").json().path("version").asLong())
          .as("the newest, whichever was last")
          .isEqualTo(9);
    }
  }

  private static Client.Answer apply(RunningService at, String text) {
    Client.Answer answer =
        Client.operator(at.endpoints())
            .post(
                "/v1/policy",
                JSON.createObjectNode().put("text", text).put("mode", "enforce").toString());
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer;
  }

  @Test
  void homeWithAuthoritiesOfItsOwnIsRefused() throws Exception {
    try (RunningService a = first()) {
      assertThat(a.endpoints().https()).isNotEmpty();
      assertThatThrownBy(
              () -> RunningService.start(directory.resolve("stranger"), db.configuration()))
          .isInstanceOfSatisfying(
              RefusedException.class,
              refused -> {
                assertThat(refused.reason()).isEqualTo(Reason.CONFIGURATION_INVALID);
                assertThat(refused.line()).contains("copy ca/ from the home of another replica");
              });
    }
  }

  /** Real processes: one is stopped for longer than its lease and woken, then killed. */
  @Test
  void stoppedAndKilledReplicasLoseAndDoubleNothing() throws Exception {
    first().close();
    second().close();
    Home a = new Home(directory.resolve("a"));
    Home b = new Home(directory.resolve("b"));
    ChildJvm one = start(a);
    ChildJvm two = start(b);
    String said;
    try {
      Load load = new Load(ready(a), ready(b));
      load.run(() -> load.issued.size() >= 20);
      signal("STOP", one);
      Map<String, KeyPair> left = load.unconfirmed();
      await().untilAsserted(() -> assertThat(load.enrolAt(ready(b), left)).isTrue());
      signal("CONT", one);
      load.run(() -> load.issued.size() >= left.size() + 40);
      one.process().destroyForcibly().waitFor();
      Map<String, KeyPair> pending = load.unconfirmed();
      await().untilAsserted(() -> assertThat(load.enrolAt(ready(b), pending)).isTrue());
      load.stop();
      load.assertEverythingConfirmedIsThereOnce(ready(b));
      assertThat(pending("reserved")).isEqualTo("0");
      assertThat(
              TestPostgres.shared()
                  .sql(
                      db.user(),
                      "select count(*) from (select right_ref from certificate where way = 'token'"
                          + " and state <> 'abandoned' group by right_ref having count(*) > 1) t"))
          .as("tokens that gave two certificates")
          .isEqualTo("0");
    } finally {
      one.process().destroyForcibly().waitFor();
      two.process().destroy();
      one.result();
      said = two.result().stderr();
    }
    assertThat(said).doesNotContain("\tat ");
  }

  private String pending(String state) throws IOException, InterruptedException {
    return TestPostgres.shared()
        .sql(db.user(), "select count(*) from certificate where state = '" + state + "'");
  }

  private static ChildJvm start(Home home) throws IOException {
    Files.deleteIfExists(home.endpoints());
    return ChildJvm.start(
        Main.class, Map.of(), List.of(), "service", "run", "--home", home.directory().toString());
  }

  private static Endpoints ready(Home home) throws IOException {
    await().until(() -> Files.exists(home.endpoints()));
    return Endpoints.read(home.directory());
  }

  private static void signal(String name, ChildJvm child) throws Exception {
    new ProcessBuilder("kill", "-s", name, String.valueOf(child.process().pid())).start().waitFor();
  }

  /** Devices that enrol at both without a pause, each with one token and one key. */
  private static final class Load {
    private final Endpoints first;
    private final Endpoints second;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, String> tokens = new ConcurrentHashMap<>();
    private final Map<String, KeyPair> keys = new ConcurrentHashMap<>();
    final Map<String, String> issued = new ConcurrentHashMap<>();
    private volatile boolean stopped;
    private boolean started;

    Load(Endpoints first, Endpoints second) {
      this.first = first;
      this.second = second;
    }

    void run(java.util.concurrent.Callable<Boolean> until) {
      if (!started) {
        started = true;
        for (int i = 0; i < 6; i++) {
          int thread = i;
          threads.execute(() -> enrolWithoutPause(thread, thread % 2 == 0 ? first : second));
        }
      }
      await().until(until);
    }

    private void enrolWithoutPause(int thread, Endpoints at) {
      Client client = Client.anonymous(at);
      for (int number = 0; !stopped; number++) {
        String id = "load-" + thread + "-" + number;
        try {
          tokens.put(id, grant(second, id));
          KeyPair key = Csr.newKey();
          keys.put(id, key);
          enrol(client, id, Csr.of(key).base64());
        } catch (AssertionError | RuntimeException e) {
          if (at.equals(first)) {
            return; // it is gone, and with it its clients
          }
        }
      }
    }

    private boolean enrol(Client client, String id, String csr) {
      Client.Answer answer = client.enrol("/simpleenroll", id, tokens.getOrDefault(id, ""), csr);
      if (answer.status() == 200) {
        String serial = Serial.of(answer.certificates().get(0)).toString();
        String before = issued.put(id, serial);
        assertThat(before == null || before.equals(serial)).as(id).isTrue();
      }
      return answer.status() == 200;
    }

    /** What was asked for at the first, and no answer has come yet. */
    Map<String, KeyPair> unconfirmed() {
      Map<String, KeyPair> left = new HashMap<>(keys);
      left.keySet().removeAll(issued.keySet());
      left.keySet().removeIf(id -> Integer.parseInt(id.split("-", -1)[1]) % 2 == 1);
      return left;
    }

    /**
     * The same request elsewhere: what the first may have reserved must be given up or completed.
     */
    boolean enrolAt(Endpoints at, Map<String, KeyPair> left) {
      Client client = Client.anonymous(at);
      boolean all = true;
      for (Map.Entry<String, KeyPair> one : left.entrySet()) {
        all &=
            issued.containsKey(one.getKey())
                || enrol(client, one.getKey(), Csr.of(one.getValue()).base64());
      }
      return all;
    }

    void stop() {
      stopped = true;
      threads.shutdown();
    }

    void assertEverythingConfirmedIsThereOnce(Endpoints at) {
      Client operator = Client.operator(at);
      issued.forEach(
          (id, serial) -> {
            JsonNode certificates = operator.get("/v1/devices/" + id).json().path("certificates");
            assertThat(certificates.size()).as(id).isEqualTo(1);
            assertThat(certificates.get(0).path("serial").asString()).isEqualTo(serial);
          });
    }
  }
}
