package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.Serial;
import io.guardbee.service.Client.Answer;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A device held back and let go on, as operators, devices, brokers and relying parties meet it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SuspensionTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private RunningService service;
  private Client anyone;
  private Client operator;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    service =
        RunningService.start(
            directory.resolve("suspension"), "revocation:", "  acknowledgeTimeout: PT5S");
    anyone = Client.anonymous(service.endpoints());
    operator = Client.operator(service.endpoints());
  }

  @AfterAll
  void stop() {
    service.close();
  }

  /** A device with what it needs to come again. */
  private record Enrolled(String id, KeyPair key, X509Certificate certificate, Client client) {
    String serial() {
      return Serial.of(certificate).toString();
    }

    Answer renew() {
      return client.renew(Csr.of(Csr.newKey()).subject("CN=" + id + ",OU=sensor").base64());
    }
  }

  private String grant(String id) {
    return operator.post("/v1/devices/" + id + "/grants", "").json().path("token").asString();
  }

  private Enrolled enrolled(String id) {
    KeyPair key = Csr.newKey();
    X509Certificate certificate =
        anyone.enrol("/simpleenroll", id, grant(id), Csr.of(key).base64()).certificates().get(0);
    return new Enrolled(id, key, certificate, Client.with(service.endpoints(), key, certificate));
  }

  private Answer suspend(String id) {
    return operator.post("/v1/devices/" + id + "/suspend", "{\"reason\":\"seen twice\"}");
  }

  private Answer reinstate(String id) {
    return operator.post("/v1/devices/" + id + "/reinstate", "");
  }

  private Answer revoke(String id) {
    return operator.post("/v1/devices/" + id + "/revocation", "{\"reason\":\"keyCompromise\"}");
  }

  private JsonNode show(String id) {
    return operator.get("/v1/devices/" + id).json();
  }

  private X509CRL list() throws Exception {
    return (X509CRL)
        CertificateFactory.getInstance("X.509")
            .generateCRL(
                new ByteArrayInputStream(
                    Published.get(service.endpoints().http() + "/crl/issuing.crl").body()));
  }

  private String ocsp(X509Certificate certificate) throws Exception {
    return OcspTest.ask(service, certificate, 0, service.endpoints().http() + "/ocsp");
  }

  private String command(int exitCode, String... arguments) {
    StringWriter out = new StringWriter();
    CommandLine line =
        new CommandLine(new Main())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(out, true));
    String[] all =
        Stream.concat(
                Stream.of(arguments), Stream.of("--home", service.home().directory().toString()))
            .toArray(String[]::new);
    assertThat(line.execute(all)).as(out.toString()).isEqualTo(exitCode);
    return out.toString();
  }

  private Feed feed() {
    return new Feed(service);
  }

  /** A broker's end of the feed, from the whole status on. */
  private static final class Feed implements AutoCloseable {
    private final Client broker;
    private final String node;
    private final BufferedReader lines;

    Feed(RunningService service) {
      this.broker = Client.broker(service);
      this.node = Client.nodeName(service);
      this.lines =
          new BufferedReader(
              new InputStreamReader(
                  broker.stream("/v1/feed?node=" + node + "&feed=&after=0"),
                  StandardCharsets.UTF_8));
    }

    private JsonNode next(String type) throws IOException {
      JsonNode line = JSON.readTree(lines.readLine());
      while (!line.path("type").asString().equals(type)) {
        line = JSON.readTree(lines.readLine());
      }
      return line;
    }

    /** The certificates of the whole status, by serial number with their status. */
    List<String> snapshot() throws IOException {
      List<String> all = new ArrayList<>();
      JsonNode line;
      do {
        line = next("snapshot");
        line.path("certificates").forEach(one -> all.add(told(one)));
      } while (!line.path("last").asBoolean());
      return all;
    }

    private static String told(JsonNode certificate) {
      return certificate.path("serial").asString() + " " + certificate.path("status").asString();
    }

    /** The next change, acknowledged; its status and what it tells of each certificate. */
    List<String> change(int sessionsEnded) throws IOException {
      JsonNode line = next("status");
      List<String> told = new ArrayList<>();
      told.add(line.path("status").asString() + " " + line.path("reason").asString());
      line.path("certificates").forEach(one -> told.add(told(one)));
      broker.post(
          "/v1/feed/ack",
          "{\"node\":\""
              + node
              + "\",\"event\":%d,\"sessionsEnded\":%d}"
                  .formatted(line.path("event").asLong(), sessionsEnded));
      return told;
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }

  @Test
  void brokersAreToldAndTheReceiptSaysWhatTheyDid() throws Exception {
    Enrolled device = enrolled("sus-feed");
    try (Feed feed = feed()) {
      assertThat(feed.snapshot()).noneMatch(line -> line.startsWith(device.serial()));
      CompletableFuture<Answer> held = CompletableFuture.supplyAsync(() -> suspend("sus-feed"));
      assertThat(feed.change(1))
          .containsExactly("suspended certificateHold", device.serial() + " suspended");
      JsonNode receipt = held.get().json();
      assertThat(receipt.path("sessionsEnded").asInt()).isEqualTo(1);
      assertThat(receipt.path("serials").get(0).asString()).isEqualTo(device.serial());
      assertThat(receipt.path("nodes").get(0).path("acknowledged").asBoolean()).isTrue();
      try (Feed newcomer = feed()) {
        assertThat(newcomer.snapshot()).contains(device.serial() + " suspended");
      }
      CompletableFuture<Answer> lifted = CompletableFuture.supplyAsync(() -> reinstate("sus-feed"));
      assertThat(feed.change(0))
          .containsExactly("active removeFromCRL", device.serial() + " active");
      assertThat(lifted.get().json().path("serials").get(0).asString()).isEqualTo(device.serial());
      try (Feed newcomer = feed()) {
        assertThat(newcomer.snapshot()).noneMatch(line -> line.startsWith(device.serial()));
      }
    }
  }

  @Test
  void suspendedDeviceNeitherEnrolsNorRenewsUntilItIsReinstated() {
    Enrolled device = enrolled("sus-door");
    String token = grant("sus-door");
    assertThat(suspend("sus-door").status()).isEqualTo(200);
    Answer renewal = device.renew();
    assertThat(renewal.status()).isEqualTo(403);
    assertThat(renewal.reason()).isEqualTo(Reason.DEVICE_SUSPENDED);
    assertThat(renewal.raw().headers().firstValue("content-type").orElse(""))
        .startsWith("text/plain");
    assertThat(renewal.body())
        .contains("guardbee device reinstate sus-door")
        .doesNotContain("seen twice");
    Answer anew = anyone.enrol("/simpleenroll", "sus-door", token, Csr.of(Csr.newKey()).base64());
    assertThat(anew.status()).isEqualTo(403);
    assertThat(anew.reason()).isEqualTo(Reason.DEVICE_SUSPENDED);
    assertThat(reinstate("sus-door").status()).isEqualTo(200);
    assertThat(device.renew().certificates()).isNotEmpty();
    assertThat(
            anyone
                .enrol("/simpleenroll", "sus-door", token, Csr.of(Csr.newKey()).base64())
                .status())
        .as("its token was not used up in vain")
        .isEqualTo(200);
  }

  @Test
  void lostAnswerIsNotGivenAgainToASuspendedDevice() {
    String token = grant("sus-lost");
    String request = Csr.of(Csr.newKey()).base64();
    anyone.enrol("/simpleenroll", "sus-lost", token, request).certificates();
    suspend("sus-lost");
    assertThat(anyone.enrol("/simpleenroll", "sus-lost", token, request).reason())
        .isEqualTo(Reason.DEVICE_SUSPENDED);
  }

  @Test
  void deviceThatNeverEnrolledIsHeldBackToo() {
    String token = grant("sus-new");
    suspend("sus-new");
    assertThat(show("sus-new").path("status").asString()).isEqualTo("suspended");
    String request = Csr.of(Csr.newKey()).base64();
    assertThat(anyone.enrol("/simpleenroll", "sus-new", token, request).reason())
        .isEqualTo(Reason.DEVICE_SUSPENDED);
    reinstate("sus-new");
    assertThat(show("sus-new").path("status").asString()).isEqualTo("granted");
    assertThat(anyone.enrol("/simpleenroll", "sus-new", token, request).status()).isEqualTo(200);
  }

  /** RFC 5280 §5.3.1, RFC 6960 §2.2. */
  @Test
  void listAndResponderTellOfTheHoldAndOfItsEnd() throws Exception {
    X509Certificate certificate = enrolled("sus-list").certificate();
    assertThat(ocsp(certificate)).contains("Cert Status: good");
    suspend("sus-list");
    assertThat(ocsp(certificate)).contains("Cert Status: revoked", "certificateHold (0x6)");
    await().until(() -> list().getRevokedCertificate(certificate) != null);
    X509CRLEntry entry = list().getRevokedCertificate(certificate);
    assertThat(entry.getRevocationReason())
        .isEqualTo(java.security.cert.CRLReason.CERTIFICATE_HOLD);
    reinstate("sus-list");
    assertThat(ocsp(certificate)).contains("Cert Status: good");
    await().until(() -> list().getRevokedCertificate(certificate) == null);
  }

  @Test
  void revokingASuspendedDeviceIsForGood() throws Exception {
    Enrolled device = enrolled("sus-gone");
    suspend("sus-gone");
    assertThat(revoke("sus-gone").status()).isEqualTo(200);
    Answer back = reinstate("sus-gone");
    assertThat(back.status()).isEqualTo(403);
    assertThat(back.reason()).isEqualTo(Reason.DEVICE_REVOKED);
    assertThat(back.body()).contains("guardbee device grant sus-gone");
    assertThat(suspend("sus-gone").reason()).isEqualTo(Reason.DEVICE_REVOKED);
    assertThat(show("sus-gone").path("status").asString()).isEqualTo("revoked");
    assertThat(show("sus-gone").path("suspension").isNull()).isTrue();
    assertThat(ocsp(device.certificate())).contains("keyCompromise");
    await()
        .until(
            () -> {
              X509CRLEntry entry = list().getRevokedCertificate(device.certificate());
              return entry != null
                  && entry.getRevocationReason() == java.security.cert.CRLReason.KEY_COMPROMISE;
            });
    try (Feed feed = feed()) {
      assertThat(feed.snapshot()).contains(device.serial() + " revoked");
    }
    assertThat(
            anyone
                .enrol(
                    "/simpleenroll", "sus-gone", grant("sus-gone"), Csr.of(Csr.newKey()).base64())
                .status())
        .as("a new grant is a new start")
        .isEqualTo(200);
  }

  @Test
  void doingItAgainChangesNothing() {
    enrolled("sus-again");
    suspend("sus-again");
    JsonNode first = show("sus-again").path("suspension");
    Answer again = operator.post("/v1/devices/sus-again/suspend", "");
    assertThat(again.json().path("serials")).hasSize(1);
    assertThat(show("sus-again").path("suspension")).isEqualTo(first);
    reinstate("sus-again");
    assertThat(reinstate("sus-again").json().path("serials")).hasSize(1);
    assertThat(show("sus-again").path("status").asString()).isEqualTo("active");
    await()
        .untilAsserted(
            () ->
                assertThat(audit("device:sus-again"))
                    .containsExactly(
                        "device-suspended operator:operator seen twice",
                        "device-reinstated operator:operator "));
  }

  private List<String> audit(String subject) {
    return operator
        .get("/v1/audit")
        .body()
        .lines()
        .map(JSON::readTree)
        .filter(line -> line.path("subject").asString().equals(subject))
        .filter(line -> line.path("action").asString().startsWith("device-"))
        .map(
            line ->
                line.path("action").asString()
                    + " "
                    + line.path("actor").asString()
                    + " "
                    + line.path("values").path("reason").asString(""))
        .toList();
  }

  @Test
  void badRequestsAreRefused() {
    assertThat(suspend("nobody").reason()).isEqualTo(Reason.DEVICE_UNKNOWN);
    assertThat(reinstate("nobody").reason()).isEqualTo(Reason.DEVICE_UNKNOWN);
    enrolled("sus-bad");
    for (String reason : List.of("x".repeat(201), "two\\nlines", "\\u001b[2J")) {
      Answer answer =
          operator.post("/v1/devices/sus-bad/suspend", "{\"reason\":\"" + reason + "\"}");
      assertThat(answer.status()).as(reason).isEqualTo(400);
    }
    assertThat(operator.post("/v1/devices/sus-bad/suspend", "nonsense").status()).isEqualTo(400);
    assertThat(anyone.post("/v1/devices/sus-bad/suspend", "").status()).isEqualTo(401);
    assertThat(Client.broker(service).post("/v1/devices/sus-bad/reinstate", "").reason())
        .isEqualTo(Reason.ROLE_MISSING);
    Answer hold =
        operator.post("/v1/devices/sus-bad/revocation", "{\"reason\":\"certificateHold\"}");
    assertThat(hold.status()).isEqualTo(400);
    assertThat(hold.body()).contains("guardbee device suspend");
    assertThat(show("sus-bad").path("status").asString()).isEqualTo("active");
  }

  @Test
  void commandsTellAndDo() {
    Enrolled device = enrolled("sus-cli");
    String held = command(0, "device", "suspend", "sus-cli", "--reason", "seen at two places");
    assertThat(held).contains("suspended sus-cli", "serial    " + device.serial(), "elapsed");
    assertThat(command(0, "device", "list")).containsPattern("sus-cli +sensor +suspended +-");
    assertThat(command(0, "device", "show", "sus-cli"))
        .contains("by operator:operator: seen at two places", "(certificateHold)");
    assertThat(command(0, "device", "explain", "sus-cli"))
        .contains("is suspended since", "seen at two places", "is on hold since")
        .contains("next  guardbee device reinstate sus-cli");
    JsonNode report = operator.post("/v1/explain", Pem.certificate(device.certificate())).json();
    assertThat(report.toString()).contains("on hold since");
    assertThat(report.path("nextStep").asString()).isEqualTo("guardbee device reinstate sus-cli");
    assertThat(
            JSON.readTree(
                    command(0, "device", "reinstate", "sus-cli", "--json")
                        .lines()
                        .findFirst()
                        .orElseThrow())
                .path("serials")
                .get(0)
                .asString())
        .isEqualTo(device.serial());
    assertThat(command(0, "device", "explain", "sus-cli")).contains("next  nothing to do");
    assertThat(command(1, "device", "reinstate", "sus-nobody")).contains("sus-nobody is not known");
  }

  @Test
  void suspensionOutlivesARestart() throws Exception {
    enrolled("sus-restart");
    suspend("sus-restart");
    service.restart();
    anyone = Client.anonymous(service.endpoints());
    operator = Client.operator(service.endpoints());
    assertThat(show("sus-restart").path("status").asString()).isEqualTo("suspended");
  }

  /** Whoever comes last has the last word, and the feed ends as the database does. */
  @Test
  void whateverComesTogetherEndsInOneStateForAll() throws Exception {
    for (int round = 0; round < 6; round++) {
      String id = "sus-race-" + round;
      Enrolled device = enrolled(id);
      boolean withRevocation = round % 2 == 1;
      List<Supplier<Answer>> all = new ArrayList<>();
      all.add(() -> suspend(id));
      all.add(device::renew);
      all.add(() -> reinstate(id));
      all.add(() -> suspend(id));
      all.add(device::renew);
      if (withRevocation) {
        all.add(() -> revoke(id));
      }
      List<Answer> answers =
          all.stream().map(CompletableFuture::supplyAsync).toList().stream()
              .map(CompletableFuture::join)
              .toList();
      assertThat(answers).allMatch(answer -> Set.of(200, 403, 503).contains(answer.status()));
      await().untilAsserted(() -> assertConsistent(id, withRevocation));
    }
  }

  private void assertConsistent(String id, boolean revoked) throws Exception {
    String status = show(id).path("status").asString();
    assertThat(status).isIn(revoked ? List.of("revoked") : List.of("active", "suspended"));
    List<String> told;
    try (Feed feed = feed()) {
      told = feed.snapshot();
    }
    for (JsonNode one : show(id).path("certificates")) {
      String serial = one.path("serial").asString();
      // of two renewals that come together one lives
      boolean superseded = one.path("reason").asString("").equals("superseded");
      String expected = superseded ? "superseded" : status;
      if (expected.equals("active")) {
        assertThat(told).noneMatch(line -> line.startsWith(serial));
      } else {
        assertThat(told).contains(serial + " " + expected);
      }
    }
  }
}
