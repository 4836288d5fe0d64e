package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** What an operator is told of a device that does not get what it wants. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExplainTest {

  private RunningService service;
  private Client anyone;
  private Client operator;
  private Path files;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    files = directory;
    service = RunningService.start(directory.resolve("explain"));
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

  private X509Certificate enrolled(String id, KeyPair key) {
    return anyone.enrol("/simpleenroll", id, grant(id), Csr.of(key).base64()).certificates().get(0);
  }

  private JsonNode explain(String id) {
    return operator.get("/v1/explain?device=" + id).json();
  }

  private JsonNode explainDocument(String document) {
    Client.Answer answer = operator.post("/v1/explain", document);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json();
  }

  private static List<String> says(JsonNode report, String topic) {
    return StreamSupport.stream(report.path("findings").spliterator(), false)
        .filter(finding -> finding.path("topic").asString().equals(topic))
        .map(finding -> finding.path("verdict").asString() + " " + finding.path("says").asString())
        .toList();
  }

  private static List<String> outcomes(JsonNode report) {
    return StreamSupport.stream(report.path("attempts").spliterator(), false)
        .map(attempt -> attempt.path("outcome").asString())
        .toList();
  }

  private String page(int exitCode, String... arguments) {
    StringWriter out = new StringWriter();
    CommandLine line = new CommandLine(new Main()).setOut(new PrintWriter(out, true));
    String[] all = new String[arguments.length + 4];
    all[0] = "device";
    all[1] = "explain";
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    all[all.length - 2] = "--home";
    all[all.length - 1] = service.home().directory().toString();
    assertThat(line.execute(all)).isEqualTo(exitCode);
    return out.toString();
  }

  @Test
  void deviceThatNobodyKnowsIsExplainedWithItsAttempts() {
    for (int i = 0; i < 3; i++) {
      anyone.enrol("/simpleenroll", "lost-1", "nonsense", Csr.of(Csr.newKey()).base64());
    }
    JsonNode report = explain("lost-1");
    assertThat(says(report, "device")).containsExactly("bad lost-1 is not known here");
    JsonNode attempt = report.path("attempts").get(0);
    assertThat(attempt.path("outcome").asString()).isEqualTo("token-wrong");
    assertThat(attempt.path("times").asInt()).isEqualTo(3);
    assertThat(attempt.path("address").asString()).isEqualTo("127.0.0.1");
    assertThat(attempt.path("door").asString()).isEqualTo("est");
    assertThat(report.path("nextStep").asString()).contains("guardbee device grant lost-1");
    assertThat(report.toString()).doesNotContain("nonsense");
  }

  @Test
  void tokensAreToldByStateAndNeverByText() {
    String first = grant("tok-1");
    String second = grant("tok-1");
    JsonNode open = explain("tok-1");
    assertThat(open.path("tokens").get(0).path("state").asString()).isEqualTo("open");
    assertThat(open.path("tokens").get(1).path("state").asString()).isEqualTo("withdrawn");
    assertThat(open.path("mayAskFor").get(0).asString()).startsWith("enrol as sensor with its");
    assertThat(open.path("nextStep").asString()).startsWith("let it enrol");
    anyone.enrol("/simpleenroll", "tok-1", first, Csr.of(Csr.newKey()).base64());
    anyone.enrol("/simpleenroll", "tok-1", second, Csr.of(Csr.newKey()).base64());
    JsonNode used = explain("tok-1");
    assertThat(used.path("tokens").get(0).path("state").asString()).isEqualTo("used");
    assertThat(outcomes(used)).containsExactly("issued", "token-expired");
    assertThat(used.path("nextStep").asString()).isEqualTo("nothing to do");
    assertThat(open.toString() + used).doesNotContain(first).doesNotContain(second);
  }

  @Test
  void tokenSentInThePlaceOfTheNameIsNotKept() {
    String token = grant("mixed-1");
    while (token.startsWith("-") || token.startsWith("_")) {
      token = grant("mixed-1"); // such a one is refused as a device id before it is looked up
    }
    anyone.enrol("/simpleenroll", token, "mixed-1", Csr.of(Csr.newKey()).base64());
    assertThat(explain(token).path("attempts")).as("no row with it").isEmpty();
  }

  @Test
  void certificateIsExplained() throws Exception {
    KeyPair key = Csr.newKey();
    X509Certificate first = enrolled("crt-1", key);
    JsonNode good = explainDocument(Pem.certificate(first));
    assertThat(good.path("deviceId").asString()).isEqualTo("crt-1");
    assertThat(says(good, "chain").get(0)).startsWith("good issued by").contains("issuing CA");
    assertThat(says(good, "record").get(0)).contains("device crt-1", "token", "profile sensor");
    assertThat(says(good, "status")).containsExactly("good not revoked");
    assertThat(says(good, "newest").get(0)).startsWith("good it is the newest");
    Client device = Client.with(service.endpoints(), key, first);
    device.renew(Csr.of(Csr.newKey()).base64()).certificates();
    assertThat(says(explainDocument(Pem.certificate(first)), "newest").get(0))
        .startsWith("note a newer one");
    operator.post("/v1/devices/crt-1/revocation", "{\"reason\":\"keyCompromise\"}");
    JsonNode revoked = explainDocument(Pem.certificate(first));
    assertThat(says(revoked, "status").get(0)).startsWith("bad revoked at");
    assertThat(revoked.path("nextStep").asString()).contains("guardbee device grant crt-1");
  }

  @Test
  void foreignCertificateIsExplained() {
    TestCa foreign = TestCa.root("Guardbee Issuing CA,O=Guardbee").device("crt-1");
    JsonNode report = explainDocument(Pem.certificate(foreign.chain().get(0)));
    assertThat(says(report, "chain").get(0)).startsWith("bad").contains("not trusted here");
    assertThat(report.has("deviceId")).as("a name alone makes it nobody's").isFalse();
  }

  @Test
  void requestIsExplainedInEveryForm() {
    grant("csr-1");
    Csr csr = Csr.of(Csr.newKey()).subject("CN=csr-1");
    for (String form : List.of(Pem.block("CERTIFICATE REQUEST", csr.der()), csr.base64())) {
      JsonNode report = explainDocument(form);
      assertThat(report.path("kind").asString()).isEqualTo("request");
      assertThat(says(report, "signature").get(0)).startsWith("good");
      assertThat(says(report, "key")).anyMatch(text -> text.contains("nobody's yet"));
      assertThat(says(report, "names").get(0)).startsWith("good profile sensor");
      assertThat(report.path("nextStep").asString()).startsWith("let it enrol");
    }
  }

  @Test
  void whatStandsAgainstARequestIsTold() {
    KeyPair taken = Csr.newKey();
    enrolled("own-1", taken);
    grant("csr-2");
    assertThat(says(explainDocument(Csr.of(taken).subject("CN=csr-2").base64()), "key"))
        .anyMatch(text -> text.startsWith("bad") && text.contains("belongs to device own-1"));
    JsonNode weak = explainDocument(Csr.of(Csr.newRsaKey(1024)).subject("CN=csr-2").base64());
    assertThat(weak.path("findings").toString()).contains("\"reason\":\"key-weak\"");
    assertThat(weak.path("nextStep").asString()).contains("EC P-256");
    JsonNode authority =
        explainDocument(Csr.of(Csr.newKey()).subject("CN=csr-2").asksForAuthority().base64());
    assertThat(authority.path("findings").toString()).contains("csr-ca-requested");
    JsonNode forged =
        explainDocument(Csr.of(taken).signedBy(Csr.newKey()).subject("CN=own-1").base64());
    assertThat(forged.path("findings").toString()).contains("csr-signature-invalid");
  }

  @Test
  void whatIsNeitherIsRefused() {
    for (String document : List.of("", "hello", "\0", "-----BEGIN PRIVATE KEY-----\nAAAA\n", "0")) {
      Client.Answer answer = operator.post("/v1/explain", document);
      assertThat(answer.status()).as(document).isEqualTo(400);
      assertThat(answer.reason()).isEqualTo(Reason.REQUEST_MALFORMED);
    }
    assertThat(operator.get("/v1/explain").reason()).isEqualTo(Reason.REQUEST_MALFORMED);
    assertThat(operator.get("/v1/explain?device=a/b").reason()).isEqualTo(Reason.DEVICE_ID_INVALID);
  }

  @Test
  void onlyOperatorsAreTold() {
    KeyPair key = Csr.newKey();
    Client device = Client.with(service.endpoints(), key, enrolled("nosy-1", key));
    for (Client other : List.of(anyone, device)) {
      assertThat(other.get("/v1/explain?device=nosy-1").status()).isIn(401, 403);
      assertThat(other.post("/v1/explain", "x").status()).isIn(401, 403);
    }
    assertThat(outcomes(explain("nosy-1"))).contains("role-missing");
  }

  @Test
  void refusedFactoryRowsAreOnRecord() {
    operator.post("/v1/factory/enroll", "{\"deviceId\":\"row-1\",\"csr\":\"nonsense\"}\n");
    JsonNode attempt = explain("row-1").path("attempts").get(0);
    assertThat(attempt.path("door").asString()).isEqualTo("factory");
    assertThat(attempt.path("outcome").asString()).isEqualTo("csr-malformed");
  }

  @Test
  void nameInTheRequestIsWhoItClaimsToBeWhenNothingElseSays() {
    anyone.post("/.well-known/est/simpleenroll", Csr.of(Csr.newKey()).subject("CN=shy-1").base64());
    assertThat(outcomes(explain("shy-1"))).hasSize(1);
  }

  @Test
  void pageHasOneFindingALineAndTheNextStepLast() throws IOException {
    X509Certificate certificate = enrolled("page-1", Csr.newKey());
    anyone.enrol("/simpleenroll", "page-1", "wrong", Csr.of(Csr.newKey()).base64());
    String page = page(0, "page-1");
    assertThat(page.lines().findFirst()).hasValue("ok    device       page-1 is enrolled");
    assertThat(page).containsPattern("(?m)^\\d{4}-\\S+Z  127\\.0\\.0\\.1 +token-wrong: ");
    assertThat(page.strip().lines().reduce((first, last) -> last).orElseThrow())
        .isEqualTo("next  ask the operator for a new one: guardbee device grant page-1");
    Path pem = Files.writeString(files.resolve("page-1.pem"), Pem.certificate(certificate));
    assertThat(page(0, pem.toString())).contains("ok    status       not revoked");
    assertThat(page(0, pem.toString(), "--json")).startsWith("{\"kind\":\"certificate\"");
  }
}
