package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.Serial;
import io.guardbee.service.Client.Answer;
import io.guardbee.service.audit.SignedHead;
import io.guardbee.service.backup.RestoredDatabase;
import io.guardbee.service.config.ConfigFile;
import io.guardbee.service.store.Database;
import io.guardbee.testing.TestCa;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Revocation by certificate, serial and key, of what is on record and of what is not. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CertificateRevocationTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private RunningService service;
  private Client anyone;
  private Client operator;

  /** A device as it came about, and what the database that was put back does not know of it. */
  private record Device(String id, KeyPair key, X509Certificate certificate) {

    String serial() {
      return Serial.of(certificate).toString();
    }

    String keyName() {
      return Fingerprint.of(key.getPublic().getEncoded()).toString();
    }
  }

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    service =
        RunningService.start(
            directory.resolve("certificates"), "revocation:", "  acknowledgeTimeout: PT1S");
    connect();
  }

  private void connect() {
    anyone = Client.anonymous(service.endpoints());
    operator = Client.operator(service.endpoints());
  }

  @AfterAll
  void stop() {
    service.close();
  }

  private Device enrolled(String id) {
    KeyPair key = Csr.newKey();
    return new Device(id, key, enrol(id, key).certificates().get(0));
  }

  private Answer enrol(String id, KeyPair key) {
    String token =
        operator.post("/v1/devices/" + id + "/grants", "").json().path("token").asString();
    return anyone.enrol("/simpleenroll", id, token, Csr.of(key).base64());
  }

  /** The database is as before the device enrolled. */
  private void forget(Device device) throws IOException {
    forget(device, database -> {});
  }

  /** What has to be done after that is left to the caller, before the service starts. */
  private void forget(Device device, Restoring after) throws IOException {
    service.stop();
    try (Database database = Database.open(service.home(), ConfigFile.load(service.home()).db())) {
      for (String sql :
          List.of(
              "delete from certificate where device_id = ?",
              "delete from device_key where device_id = ?",
              "delete from enrolment_token where device_id = ?",
              "delete from device where id = ?")) {
        database.transact(tx -> tx.execute(sql, device.id()));
      }
      after.accept(database);
    }
    service.restart();
    connect();
  }

  @FunctionalInterface
  private interface Restoring {
    void accept(Database database) throws IOException;
  }

  private Answer revoke(String... namesAndValues) {
    ObjectNode request = JSON.createObjectNode();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      request.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return operator.post("/v1/revocations", request.toString());
  }

  private static void assertCovers(Answer receipt, Device device) {
    assertThat(receipt.status()).as(receipt.body()).isEqualTo(200);
    assertThat(receipt.json().path("serials").toString())
        .isEqualTo("[\"" + device.serial() + "\"]");
    assertThat(receipt.json().has("notCovered")).isFalse();
  }

  private void assertRevokedForEverybody(Device device) throws Exception {
    assertThat(OcspTest.ask(service, device.certificate(), 0, service.endpoints().http() + "/ocsp"))
        .contains(": revoked");
    try (FeedClient feed = new FeedClient(service)) {
      assertThat(feed.next("snapshot").path("certificates").toString()).contains(device.serial());
    }
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(listed(device.certificate()).getRevokedCertificate(device.certificate()))
                    .isNotNull());
    assertThat(
            Client.with(service.endpoints(), device.key(), device.certificate())
                .renew(Csr.of(device.key()).base64())
                .reason())
        .isEqualTo(Reason.CERTIFICATE_REVOKED);
  }

  /** The service listens on other ports since a restart. */
  private X509CRL listed(X509Certificate certificate) throws Exception {
    String path = URI.create(Published.list(certificate)).getPath();
    byte[] der = Published.get(service.endpoints().http() + path).body();
    return (X509CRL)
        CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
  }

  @Test
  void certificateOfADeviceThatIsNotOnRecordIsRevokedByItsFile() throws Exception {
    Device device = enrolled("lost-1");
    forget(device);
    assertThat(
            operator.post("/v1/devices/lost-1/revocation", "{\"reason\":\"unspecified\"}").reason())
        .isEqualTo(Reason.DEVICE_UNKNOWN);
    try (FeedClient feed = new FeedClient(service)) {
      feed.next("snapshot");
      CompletableFuture<Answer> receipt =
          CompletableFuture.supplyAsync(
              () -> revoke("certificate", Pem.certificate(device.certificate())));
      JsonNode event = feed.next("status");
      assertThat(event.at("/certificates/0/serial").asString()).isEqualTo(device.serial());
      assertThat(event.at("/certificates/0/deviceId").asString()).isEqualTo("lost-1");
      feed.acknowledge(event.path("event").asLong(), 1);
      assertCovers(receipt.get(), device);
      assertThat(receipt.get().json().path("deviceId").asString()).isEqualTo("lost-1");
      assertThat(receipt.get().json().path("sessionsEnded").asInt()).isEqualTo(1);
    }
    assertRevokedForEverybody(device);
    JsonNode shown = operator.get("/v1/devices/lost-1").json();
    assertThat(shown.path("status").asString()).isEqualTo("revoked");
    assertThat(shown.at("/certificates/0/status").asString()).isEqualTo("revoked");
    assertThat(enrol("lost-1", device.key()).status()).as("its key is not blocked").isEqualTo(200);
  }

  @Test
  void certificateThatIsNotOnRecordIsRevokedByItsSerialHoweverItIsWritten() throws Exception {
    Device device = enrolled("lost-2");
    forget(device);
    String colons = device.serial().toLowerCase(java.util.Locale.ROOT).replaceAll("..(?!$)", "$0:");
    assertCovers(revoke("serial", colons), device);
    assertRevokedForEverybody(device);
    assertCovers(revoke("serial", device.serial(), "issuer", "issuing"), device);
    assertCovers(
        revoke(
            "certificate", Base64.getEncoder().encodeToString(device.certificate().getEncoded())),
        device);
  }

  private void restoreWithout(Device device) throws IOException {
    forget(device, database -> RestoredDatabase.begin(database, service.home(), Clock.systemUTC()));
  }

  private void report(Device... devices) throws CertificateEncodingException {
    ObjectNode report = JSON.createObjectNode().put("node", Client.nodeName(service));
    for (Device device : devices) {
      report
          .withArray("unconfirmed")
          .add(Base64.getEncoder().encodeToString(device.certificate().getEncoded()));
    }
    assertThat(Client.broker(service).post("/v1/broker/report", report.toString()).status())
        .isEqualTo(204);
  }

  private JsonNode unconfirmed() {
    return operator.get("/v1/restore/certificates").json().path("certificates");
  }

  private Answer decide(String decision, Device device) {
    ObjectNode request = JSON.createObjectNode().put("decision", decision);
    request.putArray("serials").add(device.serial());
    return operator.post("/v1/restore/certificates", request.toString());
  }

  private static boolean isIn(JsonNode window, Device device) {
    Instant begin = device.certificate().getNotBefore().toInstant();
    return !begin.isBefore(Instant.parse(window.path("from").asString()))
        && begin.isBefore(Instant.parse(window.path("until").asString()));
  }

  @Test
  void certificateIssuedAfterTheBackupIsRefusedUntilAnOperatorAdoptsIt() throws Exception {
    Device early = enrolled("early-1");
    Device late = enrolled("late-1");
    restoreWithout(late);
    Client device = Client.with(service.endpoints(), late.key(), late.certificate());
    assertThat(device.renew(Csr.of(late.key()).base64()).reason())
        .isEqualTo(Reason.CERTIFICATE_UNCONFIRMED);
    try (FeedClient feed = new FeedClient(service)) {
      JsonNode told = feed.next("restored");
      assertThat(told.path("event").asLong()).isZero();
      assertThat(told.path("windows")).anyMatch(window -> isIn(window, late));
      assertThat(told.path("confirmed").toString())
          .contains(early.serial())
          .doesNotContain(late.serial());
      feed.next("snapshot");
      report(early, late);
      report(late);
      assertThat(unconfirmed()).hasSize(1);
      assertThat(unconfirmed().at("/0/serial").asString()).isEqualTo(late.serial());
      assertThat(unconfirmed().at("/0/deviceId").asString()).isEqualTo("late-1");
      assertThat(unconfirmed().at("/0/node").asString()).isEqualTo(feed.node());
      assertThat(decide("adopt", late).json().at("/adopted/0").asString()).isEqualTo(late.serial());
      JsonNode event = feed.next("restored");
      assertThat(event.path("event").asLong()).isPositive();
      assertThat(event.at("/confirmed/0/serial").asString()).isEqualTo(late.serial());
    }
    assertThat(unconfirmed()).isEmpty();
    assertThat(OcspTest.ask(service, late.certificate(), 0, service.endpoints().http() + "/ocsp"))
        .contains(": good");
    JsonNode shown = operator.get("/v1/devices/late-1").json();
    assertThat(shown.path("status").asString()).isEqualTo("active");
    assertThat(shown.at("/certificates/0/status").asString()).isEqualTo("active");
    assertThat(device.renew(Csr.of(Csr.newKey()).base64()).status()).isEqualTo(200);
    try (FeedClient feed = new FeedClient(service)) {
      assertThat(feed.next("restored").path("confirmed").toString()).contains(late.serial());
    }
  }

  /** The signed end of the audit log is kept beside the database. */
  @Test
  void copyOfTheDatabaseThatWasPutBackByHandIsNoticedAtTheStart() throws Exception {
    Device early = enrolled("early-3");
    service.restart();
    connect();
    String end = Files.readString(service.home().directory().resolve("audit.head"));
    Device late = enrolled("late-3");
    forget(late, database -> endAuditLogWith(database, end));
    assertThat(
            Client.with(service.endpoints(), early.key(), early.certificate())
                .renew(Csr.of(Csr.newKey()).base64())
                .status())
        .isEqualTo(200);
    assertThat(
            Client.with(service.endpoints(), late.key(), late.certificate())
                .renew(Csr.of(late.key()).base64())
                .reason())
        .isEqualTo(Reason.CERTIFICATE_UNCONFIRMED);
    JsonNode seen = unconfirmed().path(0);
    assertThat(seen.path("serial").asString()).isEqualTo(late.serial());
    assertThat(seen.path("node").asString()).isEqualTo("service");
    JsonNode windows = operator.get("/readyz").json().path("restoreWindows");
    assertThat(windows).anyMatch(window -> isIn(window, late));
    assertThat(operator.get("/v1/brokers").json().path("restoreWindows")).isEqualTo(windows);
    Awaitility.await() // it is sealed a little later
        .until(
            () ->
                operator.get("/v1/audit?after=0&limit=1000").body().contains("database-restored"));
    service.restart();
    connect();
    assertThat(operator.get("/readyz").json().path("restoreWindows"))
        .as("it is noticed once")
        .isEqualTo(windows);
    assertThat(decide("adopt", late).status()).isEqualTo(200);
  }

  private static void endAuditLogWith(Database database, String end) {
    SignedHead head = SignedHead.parse(end.stripTrailing()).orElseThrow();
    database.transact(tx -> tx.execute("delete from audit_pending"));
    database.transact(tx -> tx.execute("delete from audit_entry where number > ?", head.number()));
    database.transact(tx -> tx.execute("update audit_head set line = ?", head.line()));
  }

  @Test
  void certificateIssuedAfterTheBackupIsRevokedAndCannotBeAdoptedAnyMore() throws Exception {
    Device late = enrolled("late-2");
    restoreWithout(late);
    assertThat(decide("revoke", late).reason()).isEqualTo(Reason.CERTIFICATE_UNKNOWN);
    report(late);
    Answer answer = decide("revoke", late);
    assertThat(answer.json().at("/receipts/0/serials/0").asString()).isEqualTo(late.serial());
    assertRevokedForEverybody(late);
    assertThat(unconfirmed()).isEmpty();
    ObjectNode again =
        JSON.createObjectNode()
            .put("decision", "adopt")
            .put("certificate", Pem.certificate(late.certificate()));
    assertThat(operator.post("/v1/restore/certificates", again.toString()).reason())
        .isEqualTo(Reason.DEVICE_REVOKED);
    for (String body : List.of("{}", "null", "{\"decision\":\"adopt\",\"serials\":[]}")) {
      assertThat(operator.post("/v1/restore/certificates", body).reason())
          .isEqualTo(Reason.REQUEST_MALFORMED);
    }
  }

  @Test
  void keyIsBlockedWithEachOfItsCertificates() throws Exception {
    Device device = enrolled("key-1");
    Answer receipt = revoke("key", device.keyName(), "reason", "keyCompromise");
    assertCovers(receipt, device);
    assertThat(receipt.json().path("deviceId").asString()).isEqualTo("key-1");
    assertRevokedForEverybody(device);
    assertThat(enrol("key-1", device.key()).reason()).isEqualTo(Reason.KEY_REVOKED);
    assertThat(operator.get("/v1/devices/key-1").json().path("status").asString())
        .as("the device itself is not")
        .isEqualTo("active");
  }

  @Test
  void keyThatNobodyHasIsBlockedAndTheReceiptSaysThatNoCertificateIsCovered() {
    KeyPair key = Csr.newKey();
    String name = Fingerprint.of(key.getPublic().getEncoded()).toString();
    for (int times = 0; times < 2; times++) {
      Answer receipt = revoke("key", name);
      assertThat(receipt.status()).isEqualTo(200);
      assertThat(receipt.json().path("serials")).isEmpty();
      assertThat(receipt.json().at("/notCovered/reason").asString())
          .isEqualTo("no-certificate-covered");
      assertThat(receipt.json().at("/notCovered/detail").asString()).contains(name);
    }
    assertThat(enrol("key-2", key).reason()).isEqualTo(Reason.KEY_REVOKED);
  }

  @Test
  void compromisedCertificateTakesItsKeyAlong() {
    Device device = enrolled("key-3");
    assertCovers(revoke("serial", device.serial(), "reason", "keyCompromise"), device);
    assertThat(enrol("key-3", device.key()).reason()).isEqualTo(Reason.KEY_REVOKED);
  }

  @Test
  void oneCertificateOfADeviceIsRevokedAndTheOtherStays() {
    Device device = enrolled("two-1");
    KeyPair second = Csr.newKey();
    X509Certificate other = enrol("two-1", second).certificates().get(0);
    assertCovers(revoke("serial", device.serial()), device);
    assertThat(
            Client.with(service.endpoints(), second, other)
                .renew(Csr.of(Csr.newKey()).base64())
                .status())
        .isEqualTo(200);
  }

  @Test
  void deviceThatHasNoCertificateIsRevokedAndTheReceiptSaysThatNothingIsCovered() {
    operator.post("/v1/devices/empty-1/grants", "");
    Answer receipt = revoke("deviceId", "empty-1");
    assertThat(receipt.json().at("/notCovered/reason").asString())
        .isEqualTo("no-certificate-covered");
    assertThat(receipt.json().at("/notCovered/nextStep").asString()).contains("--cert");
  }

  @Test
  void sameUnrecordedCertificateRevokedManyTimesIsOneOnRecord() throws Exception {
    Device device = enrolled("lost-3");
    forget(device);
    List<CompletableFuture<Answer>> all =
        Stream.generate(
                () ->
                    CompletableFuture.supplyAsync(
                        () -> revoke("certificate", Pem.certificate(device.certificate()))))
            .limit(8)
            .toList();
    for (CompletableFuture<Answer> one : all) {
      assertCovers(one.get(), device);
    }
    assertThat(operator.get("/v1/devices/lost-3").json().path("certificates")).hasSize(1);
  }

  @Test
  void whatOthersHaveSignedAndWhatIsNoSelectionIsRefused() {
    X509Certificate foreign = TestCa.root().authority("issuing").device("d-1").certificate();
    Answer answer = revoke("certificate", Pem.certificate(foreign));
    assertThat(answer.reason()).isEqualTo(Reason.CERTIFICATE_UNTRUSTED);
    assertThat(answer.json().path("nextStep").asString()).contains("ca crl --revoke");
    String serial = Serial.random(new SecureRandom()).toString();
    for (String body :
        List.of(
            "{}",
            "null",
            "{\"serial\":\"xyz\"}",
            "{\"serial\":\"" + serial + "\",\"issuer\":\"root\"}",
            "{\"serial\":\"" + serial + "\",\"deviceId\":\"d-1\"}",
            "{\"deviceId\":\"d-1\",\"issuer\":\"issuing\"}",
            "{\"serial\":\"" + serial + "\",\"because\":\"x\"}",
            "{\"serial\":\"1\",\"serial\":\"" + serial + "\"}",
            "{\"key\":\"sha256:12\"}",
            "{\"certificate\":\"%%%\"}",
            "{\"serial\":\"" + serial + "\",\"reason\":\"certificateHold\"}")) {
      Answer refused = operator.post("/v1/revocations", body);
      assertThat(refused.status()).as(body).isEqualTo(400);
      assertThat(refused.reason()).as(body).isEqualTo(Reason.REQUEST_MALFORMED);
    }
    assertThat(anyone.post("/v1/revocations", "{}").reason()).isEqualTo(Reason.CERTIFICATE_MISSING);
  }

  @Test
  void brokersCertificateIsRevokedByItsFileAndItsFeedEnds() throws Exception {
    Path pem = service.home().broker().resolve("conf/broker.pem");
    X509Certificate own = Pem.readCertificates(pem).get(0);
    Client broker = Client.broker(service);
    try (FeedClient feed = new FeedClient(service)) {
      feed.next("snapshot");
      assertThat(revoke("certificate", Pem.certificate(own)).json().at("/serials/0").asString())
          .isEqualTo(Serial.of(own).toString());
      feed.awaitEnd();
    }
    assertThat(broker.get("/v1/feed?node=x").reason()).isEqualTo(Reason.CERTIFICATE_REVOKED);
    service.restart(); // it makes a new one
    connect();
  }
}
