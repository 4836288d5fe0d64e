package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.cli.Cli;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Reason;
import io.guardbee.service.Client.Answer;
import io.guardbee.service.store.Database;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Approval by an operator, as devices and operators meet it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ApprovalTest {

  private RunningService service;
  private int devices;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    service =
        RunningService.start(
            directory.resolve("manual"),
            "profiles:",
            "  sensor:",
            "    approval: manual",
            "approval:",
            "  retryAfter: PT7S");
  }

  @AfterAll
  void stop() {
    service.close();
  }

  private Client anyone() {
    return Client.anonymous(service.endpoints());
  }

  private Client operator() {
    return Client.operator(service.endpoints());
  }

  private String newDevice() {
    return "ap-" + ++devices;
  }

  private String grant(String id) {
    return operator().post("/v1/devices/" + id + "/grants", "").json().path("token").asString();
  }

  private Answer enrol(String id, String token, KeyPair key) {
    return anyone().enrol("/simpleenroll", id, token, Csr.of(key).base64());
  }

  private static String fingerprint(KeyPair key) {
    return Fingerprint.of(key.getPublic().getEncoded()).toString();
  }

  private List<JsonNode> pending(String id) {
    return operator()
        .get("/v1/approvals")
        .json()
        .path("approvals")
        .valueStream()
        .filter(entry -> entry.path("deviceId").asString().equals(id))
        .toList();
  }

  private Answer decide(String id, String decision, KeyPair key) {
    return operator()
        .post(
            "/v1/approvals/" + id,
            "{\"decision\":\"" + decision + "\",\"key\":\"" + fingerprint(key) + "\"}");
  }

  @Test
  void deviceWaitsAndTheSameRequestGetsItsCertificateOnceApproved() {
    String id = newDevice();
    String token = grant(id);
    KeyPair key = Csr.newKey();

    Answer waits = enrol(id, token, key);
    assertThat(waits.status()).isEqualTo(202);
    assertThat(waits.reason()).isEqualTo(Reason.APPROVAL_PENDING);
    assertThat(operator().get("/v1/explain?device=" + id).body())
        .contains("guardbee device approve " + id);
    assertThat(waits.raw().headers().firstValue("retry-after")).hasValue("7");
    assertThat(waits.raw().headers().firstValue("content-type"))
        .get()
        .asString()
        .startsWith("text/plain");
    assertThat(enrol(id, token, key).status()).isEqualTo(202);
    assertThat(pending(id))
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry.path("key").asString()).isEqualTo(fingerprint(key));
              assertThat(entry.path("profile").asString()).isEqualTo("sensor");
              assertThat(entry.path("way").asString()).isEqualTo("token");
              assertThat(entry.path("address").asString()).isEqualTo("127.0.0.1");
              assertThat(entry.toString()).doesNotContain(token);
            });

    assertThat(decide(id, "approve", key).status()).isEqualTo(200);
    assertThat(decide(id, "approve", key).status()).isEqualTo(200);
    X509Certificate certificate = enrol(id, token, key).certificates().get(0);
    assertThat(enrol(id, token, key).certificates().get(0)).isEqualTo(certificate);
    assertThat(pending(id)).isEmpty();
    assertThat(enrol(id, token, Csr.newKey()).reason()).isEqualTo(Reason.TOKEN_USED);
  }

  @Test
  void approvalIsForTheKeyThatAskedAndForNoOther() {
    String id = newDevice();
    String token = grant(id);
    KeyPair first = Csr.newKey();
    KeyPair other = Csr.newKey();
    enrol(id, token, first);

    Answer second = enrol(id, token, other);
    assertThat(second.status()).isEqualTo(403);
    assertThat(second.reason()).isEqualTo(Reason.KEY_NOT_SAME);
    assertThat(decide(id, "approve", other).reason()).isEqualTo(Reason.KEY_NOT_SAME);
    assertThat(operator().post("/v1/approvals/" + id, "{\"decision\":\"approve\"}").reason())
        .isEqualTo(Reason.REQUEST_MALFORMED);
    assertThat(enrol(id, token, first).status()).isEqualTo(202);
    decide(id, "approve", first);
    assertThat(enrol(id, token, other).reason()).isEqualTo(Reason.KEY_NOT_SAME);
    assertThat(enrol(id, token, first).status()).isEqualTo(200);
  }

  @Test
  void deniedDeviceStaysOutUntilItHasANewGrant() {
    String id = newDevice();
    String token = grant(id);
    KeyPair key = Csr.newKey();
    enrol(id, token, key);
    operator()
        .post("/v1/approvals/" + id, "{\"decision\":\"deny\",\"reason\":\"not on the list\"}");

    Answer denied = enrol(id, token, key);
    assertThat(denied.status()).isEqualTo(403);
    assertThat(denied.reason()).isEqualTo(Reason.APPROVAL_DENIED);
    assertThat(denied.body()).contains("not on the list");
    assertThat(enrol(id, token, Csr.newKey()).reason()).isEqualTo(Reason.APPROVAL_DENIED);

    String next = grant(id);
    assertThat(enrol(id, next, key).status()).isEqualTo(202);
    decide(id, "approve", key);
    assertThat(enrol(id, next, key).status()).isEqualTo(200);
  }

  @Test
  void operatorMayThinkAgain() {
    String id = newDevice();
    String token = grant(id);
    KeyPair key = Csr.newKey();
    enrol(id, token, key);
    decide(id, "approve", key);
    decide(id, "deny", key);
    assertThat(enrol(id, token, key).reason()).isEqualTo(Reason.APPROVAL_DENIED);
    decide(id, "approve", key);
    assertThat(enrol(id, token, key).status()).isEqualTo(200);
  }

  @Test
  void renewalAndWhatAnOperatorSendsInNeedNoApproval() {
    String id = newDevice();
    KeyPair key = Csr.newKey();
    String row = "{\"deviceId\":\"" + id + "\",\"csr\":\"" + Csr.of(key).base64() + "\"}\n";
    JsonNode result = operator().post("/v1/factory/enroll", row).json();
    assertThat(result.path("status").asString()).isEqualTo("issued");
    X509Certificate first =
        io.guardbee.pki.Pem.parseCertificates(result.path("certificate").asString()).get(0);
    Client device = Client.with(service.endpoints(), key, first);
    assertThat(device.renew(Csr.of(Csr.newKey()).base64()).status()).isEqualTo(200);
    assertThat(pending(id)).isEmpty();
  }

  @Test
  void requestThatCannotSucceedTroublesNobody() {
    String id = newDevice();
    String body = Csr.of(Csr.newKey()).subject("CN=other").base64();
    assertThat(anyone().enrol("/simpleenroll", id, grant(id), body).reason())
        .isEqualTo(Reason.CSR_NAME_MISMATCH);
    assertThat(enrol(id, "wrong", Csr.newKey()).reason()).isEqualTo(Reason.TOKEN_WRONG);
    assertThat(pending(id)).isEmpty();
  }

  @Test
  void approvedDeviceStaysApprovedWhenTheServiceDiesBeforeItIsServed() throws IOException {
    String id = newDevice();
    String token = grant(id);
    KeyPair key = Csr.newKey();
    enrol(id, token, key);
    decide(id, "approve", key);
    enrol(id, token, key).certificates();

    service.close();
    try (Database database = Database.embedded(service.home().database())) {
      // as the disk is when the power fails between reservation and signature
      int cutOff =
          database.transact(
              tx ->
                  tx.execute(
                      "update certificate set state = 'reserved', der = null, issued_at = null,"
                          + " replica = ? where device_id = ?",
                      UUID.randomUUID(),
                      id));
      assertThat(cutOff).isEqualTo(1);
    }
    service.restart();
    assertThat(enrol(id, token, key).status()).isEqualTo(200);
  }

  @Test
  void revocationTakesBackAnApprovalThatWasNotUsed() {
    String id = newDevice();
    String token = grant(id);
    KeyPair key = Csr.newKey();
    enrol(id, token, key);
    decide(id, "approve", key);
    operator().post("/v1/devices/" + id + "/revocation", "{\"reason\":\"superseded\"}");
    assertThat(enrol(id, token, key).reason()).isEqualTo(Reason.TOKEN_EXPIRED);
    KeyPair next = Csr.newKey();
    assertThat(enrol(id, grant(id), next).status()).isEqualTo(202);
  }

  @Test
  void manyOfTheSameRequestWaitAsOneAndGetOneCertificate() {
    String id = newDevice();
    String token = grant(id);
    KeyPair key = Csr.newKey();
    assertThat(atOnce(id, token, key)).allMatch(answer -> answer.status() == 202);
    assertThat(pending(id)).hasSize(1);
    decide(id, "approve", key);
    List<X509Certificate> certificates =
        atOnce(id, token, key).stream()
            .filter(answer -> answer.status() == 200)
            .map(answer -> answer.certificates().get(0))
            .toList();
    assertThat(certificates).isNotEmpty();
    assertThat(certificates.stream().distinct()).hasSize(1);
  }

  private List<Answer> atOnce(String id, String token, KeyPair key) {
    return IntStream.range(0, 8).parallel().mapToObj(i -> enrol(id, token, key)).toList();
  }

  @Test
  void onlyOperatorsSeeAndDecide() {
    String id = newDevice();
    KeyPair key = Csr.newKey();
    enrol(id, grant(id), key);
    assertThat(anyone().get("/v1/approvals").status()).isEqualTo(401);
    assertThat(anyone().get("/v1/approvals/" + id).status()).isEqualTo(401);
    assertThat(anyone().post("/v1/approvals/" + id, "{\"decision\":\"deny\"}").status())
        .isEqualTo(401);
    assertThat(operator().post("/v1/approvals/none", "{\"decision\":\"deny\"}").reason())
        .isEqualTo(Reason.NOT_FOUND);
    for (String query : List.of("?limit=0", "?limit=1001", "?after=-1", "?after=x")) {
      assertThat(operator().get("/v1/approvals" + query).reason())
          .as(query)
          .isEqualTo(Reason.REQUEST_MALFORMED);
    }
  }

  @Test
  void operatorWorksFromTheTerminal() {
    String id = newDevice();
    String token = grant(id);
    KeyPair key = Csr.newKey();
    enrol(id, token, key);

    assertThat(guardbee("device", "pending").out())
        .startsWith("DEVICE ")
        .containsPattern(id + " +sensor +" + fingerprint(key) + " +token +127.0.0.1 ");
    assertThat(guardbee("device", "pending", "--json").out().lines())
        .allMatch(line -> line.startsWith("{\"id\":"));
    Said other = guardbee("device", "approve", id, "--key", fingerprint(Csr.newKey()));
    assertThat(other.exit()).isEqualTo(1);
    assertThat(other.err()).contains("error: key-not-same: device " + id + " asked with key ");
    Said approved = guardbee("device", "approve", id);
    assertThat(approved.exit()).isZero();
    assertThat(approved.out())
        .isEqualTo("approved " + id + " with key " + fingerprint(key) + " for profile sensor\n");
    assertThat(guardbee("device", "deny", id, "--reason", "wrong batch").out())
        .startsWith("denied " + id);
    assertThat(enrol(id, token, key).body()).contains("wrong batch");
    Said none = guardbee("device", "approve", "nobody");
    assertThat(none.exit()).isEqualTo(1);
    assertThat(none.err()).contains("not-found").contains("guardbee device pending");
  }

  private record Said(int exit, String out, String err) {}

  private Said guardbee(String... args) {
    PrintStream stdout = System.out;
    PrintStream stderr = System.err;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    try {
      String home = service.home().directory().toString();
      String[] all =
          Stream.concat(Stream.of(args), Stream.of("--home", home)).toArray(String[]::new);
      int exit = Cli.run(new Main(), all);
      return new Said(
          exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(stdout);
      System.setErr(stderr);
    }
  }
}
