package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.service.Client.Answer;
import io.guardbee.service.config.ConfigFile;
import io.guardbee.service.store.Database;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Enrolment by certificates that Guardbee did not issue, and by stations, over real TLS. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StandingGrantTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Instant NEVER = Instant.parse("9999-12-31T23:59:59Z");

  private RunningService service;
  private Client operator;
  private int names;

  @BeforeAll
  void start(@TempDir Path temporary) throws IOException {
    service =
        RunningService.start(
            temporary.resolve("grants"), "profiles:", "  moment: {validity: PT3S}");
    operator = Client.operator(service.endpoints());
  }

  @AfterAll
  void stop() {
    service.close();
  }

  private String fresh(String kind) {
    return kind + "-" + ++names;
  }

  private static ObjectNode wanted(String kind, String name) {
    ObjectNode wanted = JSON.createObjectNode().put("kind", kind).put("name", name);
    wanted.putArray("profiles").add("sensor");
    return wanted;
  }

  private String make(ObjectNode wanted) {
    Answer made = operator.post("/v1/grants", wanted.toString());
    assertThat(made.status()).as(made.body()).isEqualTo(201);
    return wanted.path("name").asString();
  }

  private String manufacturer(TestCa maker, String idTemplate) {
    return make(
        wanted("manufacturer", fresh("maker"))
            .put("certificates", Pem.certificate(maker.certificate()))
            .put("idTemplate", idTemplate)
            .put("anyName", true));
  }

  private String claim(TestCa shared, int budget, int perMinute, String... allowed) {
    ObjectNode wanted =
        wanted("claim", fresh("claim"))
            .put("certificates", Pem.certificate(shared.certificate()))
            .put("budget", budget)
            .put("perMinute", perMinute)
            .put("until", Instant.now().plus(Duration.ofDays(1)).toString());
    Stream.of(allowed).forEach(wanted.putArray("names")::add);
    return make(wanted);
  }

  private static TestCa shared() {
    return TestCa.draft("CN=line").signedBy(TestCa.root("Line CA"));
  }

  private static TestCa born(TestCa maker, String serialNumber) {
    return TestCa.draft("SERIALNUMBER=" + serialNumber + ",O=Acme")
        .valid(Instant.now().minusSeconds(60), NEVER)
        .signedBy(maker);
  }

  private Client as(TestCa identity) {
    return Client.with(service.endpoints(), identity);
  }

  private static String anyRequest() {
    return Csr.of(Csr.newKey()).base64();
  }

  private static String request(String id) {
    return Csr.of(Csr.newKey()).subject("CN=" + id).base64();
  }

  private static String name(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().getName();
  }

  private void assertEnrolled(Answer answer, String id) {
    assertThat(name(answer.certificates().get(0))).isEqualTo("CN=" + id + ",OU=sensor,O=Guardbee");
  }

  private static void assertRefused(Answer answer, int status, Reason reason) {
    assertThat(answer.reason()).as(answer.body()).isEqualTo(reason);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.body().strip().lines()).hasSize(1);
  }

  // birth certificates

  @Test
  void birthCertificateBelowAnIntermediateEnrolsTheDeviceOfItsSerialNumber() {
    TestCa root = TestCa.root("Acme Birth Root");
    manufacturer(root, "acme-${0}");
    TestCa idevid = born(root.authority("Acme Birth CA 1"), "4711");
    Answer answer = Client.choosing(service.endpoints(), idevid).enrol(anyRequest());
    assertEnrolled(answer, "acme-4711");
    assertThat(answer.certificates().get(0).getNotAfter())
        .isBefore(Instant.now().plus(Duration.ofDays(91)));
  }

  @Test
  void clientThatChoosesIsAskedForACertificateAsSoonAsItsMakerIsGranted() {
    TestCa maker = TestCa.root("Latecomer CA");
    TestCa idevid = born(maker, "1");
    assertRefused(
        Client.choosing(service.endpoints(), idevid).enrol(anyRequest()),
        401,
        Reason.TOKEN_MISSING);
    manufacturer(maker, "late-${0}");
    assertEnrolled(Client.choosing(service.endpoints(), idevid).enrol(anyRequest()), "late-1");
  }

  @Test
  void patternAndTemplateMakeTheDeviceId() {
    TestCa maker = TestCa.root("Pattern CA");
    make(
        wanted("manufacturer", fresh("maker"))
            .put("certificates", Pem.certificate(maker.certificate()))
            .put("idFrom", "CN")
            .put("idPattern", "([a-z]+)/([0-9]+)")
            .put("idTemplate", "${1}.${2}")
            .put("anyName", true));
    assertEnrolled(
        as(TestCa.draft("CN=pump/0815").signedBy(maker)).enrol(anyRequest()), "pump.0815");
    assertRefused(
        as(TestCa.draft("CN=pump-0815").signedBy(maker)).enrol(anyRequest()),
        403,
        Reason.NAME_NOT_GRANTED);
  }

  static Stream<Arguments> badBirths() {
    TestCa maker = TestCa.root("Bad Birth CA");
    return Stream.of(
        Arguments.of(
            "another maker",
            maker,
            born(TestCa.root("Bad Birth CA"), "1"),
            Reason.CERTIFICATE_UNTRUSTED),
        Arguments.of(
            "intermediate kept back",
            maker,
            bare(born(maker.authority("Hidden CA"), "1")),
            Reason.CERTIFICATE_UNTRUSTED),
        Arguments.of(
            "signed by a device", maker, born(born(maker, "1"), "2"), Reason.CERTIFICATE_UNTRUSTED),
        Arguments.of(
            "no serialNumber",
            maker,
            TestCa.draft("CN=x").signedBy(maker),
            Reason.NAME_NOT_GRANTED),
        Arguments.of(
            "two serialNumbers",
            maker,
            TestCa.draft("SERIALNUMBER=a,SERIALNUMBER=b").signedBy(maker),
            Reason.NAME_NOT_GRANTED),
        Arguments.of(
            "wildcard serialNumber",
            maker,
            TestCa.draft("SERIALNUMBER=a/\\+").signedBy(maker),
            Reason.NAME_NOT_GRANTED),
        Arguments.of(
            "a server's",
            maker,
            TestCa.draft("SERIALNUMBER=s").purpose(KeyPurposeId.id_kp_serverAuth).signedBy(maker),
            Reason.CERTIFICATE_PURPOSE_WRONG),
        Arguments.of(
            "an authority's", maker, maker.authority("Sub CA"), Reason.CERTIFICATE_PURPOSE_WRONG),
        Arguments.of(
            "unknown critical extension",
            maker,
            TestCa.draft("SERIALNUMBER=s").criticalExtension("1.2.3.4").signedBy(maker),
            Reason.CERTIFICATE_UNTRUSTED),
        Arguments.of(
            "ended",
            maker,
            TestCa.draft("SERIALNUMBER=s")
                .valid(Instant.now().minusSeconds(99), Instant.now().minusSeconds(9))
                .signedBy(maker),
            Reason.CERTIFICATE_EXPIRED),
        Arguments.of(
            "not begun",
            maker,
            TestCa.draft("SERIALNUMBER=s")
                .valid(Instant.now().plusSeconds(99), NEVER)
                .signedBy(maker),
            Reason.CERTIFICATE_NOT_YET_VALID));
  }

  private static TestCa bare(TestCa identity) {
    return new TestCa(identity.certificate(), identity.key(), List.of(identity.certificate()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badBirths")
  void badBirthCertificateIsRefused(String what, TestCa maker, TestCa idevid, Reason reason) {
    String grant = manufacturer(maker, "bad-${0}");
    try {
      Answer answer = as(idevid).enrol(anyRequest());
      assertThat(answer.reason()).as(answer.body()).isEqualTo(reason);
      assertThat(operator.get("/v1/grants/" + grant).json().path("used").asInt()).isZero();
    } finally {
      operator.post("/v1/grants/" + grant + "/withdrawal", "{}");
    }
  }

  @Test
  void makersDeviceThatIsNotOnTheListStaysOutUntilItIs() {
    TestCa maker = TestCa.root("Listed CA");
    ObjectNode wanted =
        wanted("manufacturer", fresh("maker"))
            .put("certificates", Pem.certificate(maker.certificate()));
    wanted.putArray("names").add("listed-1");
    String grant = make(wanted);
    assertEnrolled(as(born(maker, "listed-1")).enrol(anyRequest()), "listed-1");
    Client second = as(born(maker, "listed-2"));
    assertRefused(second.enrol(anyRequest()), 403, Reason.NAME_NOT_GRANTED);
    assertThat(
            operator
                .post("/v1/grants/" + grant + "/names", "{\"names\":[\"listed-1\",\"listed-2\"]}")
                .json()
                .path("added")
                .asInt())
        .isEqualTo(1);
    assertEnrolled(second.enrol(anyRequest()), "listed-2");
  }

  @Test
  void birthCertificateAsksForItsOwnNameOnly() {
    TestCa maker = TestCa.root("Own Name CA");
    manufacturer(maker, "own-${0}");
    Client device = as(born(maker, "1"));
    assertRefused(device.enrol(request("own-2")), 403, Reason.CSR_NAME_MISMATCH);
    assertEnrolled(device.enrol(request("own-1")), "own-1");
  }

  @Test
  void birthCertificateComesAgainForItsDeviceAndDeviceForNoOther() throws IOException {
    TestCa maker = TestCa.root("Bond CA");
    String grant = manufacturer(maker, "bond-${0}");
    TestCa idevid = born(maker, "1");
    assertEnrolled(as(idevid).enrol(anyRequest()), "bond-1");
    service.restart();
    operator = Client.operator(service.endpoints());
    assertEnrolled(as(idevid).enrol(anyRequest()), "bond-1");
    assertRefused(as(born(maker, "1")).enrol(anyRequest()), 409, Reason.DEVICE_EXISTS);
    operator.post("/v1/grants/" + grant + "/withdrawal", "{}");
    manufacturer(maker, "other-${0}");
    assertRefused(as(idevid).enrol(anyRequest()), 403, Reason.NAME_NOT_GRANTED);
    assertThat(operator.get("/v1/devices/other-1").status()).isEqualTo(404);
  }

  @Test
  void deviceThatCameByATokenIsNotTakenOverByABirthCertificate() {
    TestCa maker = TestCa.root("Taker CA");
    manufacturer(maker, "taken-${0}");
    enrolByToken("taken-1", "sensor", Csr.newKey());
    assertRefused(as(born(maker, "1")).enrol(anyRequest()), 409, Reason.DEVICE_EXISTS);
  }

  @Test
  void revokedDeviceDoesNotComeBackByItsBirthCertificateButByAToken() {
    TestCa maker = TestCa.root("Revoked CA");
    manufacturer(maker, "gone-${0}");
    Client device = as(born(maker, "1"));
    assertEnrolled(device.enrol(anyRequest()), "gone-1");
    operator.post("/v1/devices/gone-1/revocation", "{\"reason\":\"keyCompromise\"}");
    assertRefused(device.enrol(anyRequest()), 403, Reason.DEVICE_REVOKED);
    enrolByToken("gone-1", "sensor", Csr.newKey());
    assertEnrolled(device.enrol(anyRequest()), "gone-1");
  }

  @Test
  void sameRequestByABirthCertificateGetsTheSameCertificate() {
    TestCa maker = TestCa.root("Again CA");
    String grant = manufacturer(maker, "again-${0}");
    Client device = as(born(maker, "1"));
    String request = anyRequest();
    assertThat(device.enrol(request).certificates())
        .isEqualTo(device.enrol(request).certificates());
    assertThat(operator.get("/v1/grants/" + grant).json().path("used").asInt()).isEqualTo(1);
  }

  @Test
  void strangerIsNobodyOutsideOfEnrolment() {
    TestCa maker = TestCa.root("Nobody CA");
    manufacturer(maker, "nobody-${0}");
    Client device = as(born(maker, "1"));
    assertRefused(device.renew(anyRequest()), 403, Reason.CERTIFICATE_UNTRUSTED);
    assertThat(device.get("/v1/devices").reason()).isEqualTo(Reason.CERTIFICATE_UNTRUSTED);
  }

  @Test
  void labelChoosesAmongTheGrantedProfiles() {
    TestCa maker = TestCa.root("Label CA");
    ObjectNode wanted =
        wanted("manufacturer", fresh("maker"))
            .put("certificates", Pem.certificate(maker.certificate()))
            .put("anyName", true);
    wanted.putArray("profiles").add("sensor").add("gateway");
    make(wanted);
    Answer gateway = as(born(maker, "l-1")).post(path("gateway"), anyRequest());
    assertThat(name(gateway.certificates().get(0))).startsWith("CN=l-1,OU=gateway");
    assertRefused(
        as(born(maker, "l-2")).post(path("application"), anyRequest()),
        403,
        Reason.PROFILE_NOT_GRANTED);
  }

  private static String path(String label) {
    return "/.well-known/est/" + label + "/simpleenroll";
  }

  // claim certificates

  @Test
  void claimGivesEachNameOfItsListOnce() {
    TestCa shared = shared();
    claim(shared, 10, 100, "c-1", "c-2");
    Client line = Client.choosing(service.endpoints(), shared);
    String first = request("c-1");
    X509Certificate issued = line.enrol(first).certificates().get(0);
    assertThat(name(issued)).startsWith("CN=c-1,");
    assertThat(line.enrol(first).certificates()).as("a lost answer").containsExactly(issued);
    assertRefused(line.enrol(request("c-1")), 409, Reason.DEVICE_EXISTS);
    assertRefused(line.enrol(request("c-3")), 403, Reason.NAME_NOT_GRANTED);
    assertRefused(line.enrol(anyRequest()), 403, Reason.NAME_NOT_GRANTED);
    assertThat(line.enrol(request("c-2")).status()).isEqualTo(200);
  }

  @Test
  void claimTakesNoDeviceThatIsThereNorOneThatWasRevoked() {
    TestCa shared = shared();
    claim(shared, 10, 100, "there-1", "there-2");
    enrolByToken("there-1", "sensor", Csr.newKey());
    enrolByToken("there-2", "sensor", Csr.newKey());
    operator.post("/v1/devices/there-2/revocation", "{\"reason\":\"superseded\"}");
    Client line = as(shared);
    assertRefused(line.enrol(request("there-1")), 409, Reason.DEVICE_EXISTS);
    assertRefused(line.enrol(request("there-2")), 403, Reason.DEVICE_REVOKED);
  }

  @Test
  void claimIsForTheVeryCertificateOnly() {
    TestCa line = TestCa.root("Sister CA");
    claim(TestCa.draft("CN=line").signedBy(line), 10, 100, "sister-1");
    assertRefused(
        as(TestCa.draft("CN=line").signedBy(line)).enrol(request("sister-1")),
        403,
        Reason.CERTIFICATE_UNTRUSTED);
  }

  @Test
  void claimCountsAttemptsAndBudget() {
    TestCa shared = shared();
    claim(shared, 1, 3, "b-1", "b-2");
    Client line = as(shared);
    assertThat(line.enrol(request("b-1")).status()).isEqualTo(200);
    assertRefused(line.enrol(request("b-2")), 403, Reason.GRANT_EXHAUSTED);
    assertRefused(line.enrol(request("guess-1")), 403, Reason.NAME_NOT_GRANTED);
    Answer limited = line.enrol(request("guess-2"));
    assertRefused(limited, 429, Reason.RATE_LIMITED);
    assertThat(limited.raw().headers().firstValueAsLong("Retry-After").orElse(0)).isPositive();
  }

  @Test
  void withdrawnGrantStopsOnOpenConnections() {
    TestCa shared = shared();
    String grant = claim(shared, 10, 100, "w-1", "w-2");
    Client line = as(shared);
    assertThat(line.enrol(request("w-1")).status()).isEqualTo(200);
    assertThat(
            operator
                .post("/v1/grants/" + grant + "/withdrawal", "")
                .json()
                .path("status")
                .asString())
        .isEqualTo("withdrawn");
    assertRefused(line.enrol(request("w-2")), 403, Reason.GRANT_EXPIRED);
    assertThat(operator.post("/v1/grants/" + grant + "/names", "{\"names\":[\"w-3\"]}").reason())
        .isEqualTo(Reason.GRANT_EXPIRED);
    assertThat(operator.get("/v1/devices/w-1").json().path("status").asString())
        .isEqualTo("active");
  }

  @Test
  void placeOfAnAbandonedCertificateIsGivenBackWhenNeeded() throws IOException {
    TestCa shared = shared();
    claim(shared, 1, 100, "v-1", "v-2");
    assertThat(as(shared).enrol(request("v-1")).status()).isEqualTo(200);
    assertRefused(as(shared).enrol(request("v-2")), 403, Reason.GRANT_EXHAUSTED);
    assertThat(operator.get("/v1/explain?device=v-1").body()).contains("was let in by claim grant");
    assertThat(operator.get("/v1/explain?device=v-2").body()).contains("is on the list of claim");
    service.close();
    try (Database database = Database.open(service.home(), ConfigFile.load(service.home()).db())) {
      database.transact(
          tx -> {
            tx.execute("update certificate set state = 'abandoned' where device_id = 'v-1'");
            return tx.execute(
                "update grant_use set taken_at = timestamp '2020-01-01 00:00:00'"
                    + " where device_id = 'v-1'");
          });
    }
    service.restart();
    operator = Client.operator(service.endpoints());
    assertThat(as(shared).enrol(request("v-2")).status()).isEqualTo(200);
    assertRefused(as(shared).enrol(request("v-1")), 403, Reason.GRANT_EXHAUSTED);
  }

  // races

  private List<Answer> atOnce(int count, IntFunction<Answer> request) {
    return IntStream.range(0, count).parallel().mapToObj(request).toList();
  }

  @Test
  void oneNameForManyGoesToOne() {
    TestCa shared = shared();
    claim(shared, 100, 100, "race");
    Client line = as(shared);
    List<Answer> answers = atOnce(8, i -> line.enrol(request("race")));
    assertThat(answers.stream().filter(answer -> answer.status() == 200)).hasSize(1);
    assertThat(answers.stream().filter(answer -> answer.status() != 200))
        .allMatch(answer -> answer.reason() == Reason.DEVICE_EXISTS);
  }

  @Test
  void oneBirthForManyRequestsBindsOneDevice() {
    TestCa maker = TestCa.root("Race CA");
    manufacturer(maker, "twin-${0}");
    List<TestCa> twins = List.of(born(maker, "1"), born(maker, "1"));
    List<Answer> answers = atOnce(8, i -> as(twins.get(i % 2)).enrol(anyRequest()));
    List<Boolean> winners =
        IntStream.range(0, 8)
            .filter(i -> answers.get(i).status() == 200)
            .mapToObj(i -> i % 2 == 0)
            .distinct()
            .toList();
    assertThat(winners).hasSize(1);
  }

  @Test
  void budgetOfOneLetsOneOfEightIn() {
    TestCa shared = shared();
    String[] wanted = IntStream.range(0, 8).mapToObj(i -> "eight-" + i).toArray(String[]::new);
    String grant = claim(shared, 1, 100, wanted);
    Client line = as(shared);
    List<Answer> answers = atOnce(8, i -> line.enrol(request(wanted[i])));
    assertThat(answers.stream().filter(answer -> answer.status() == 200)).hasSize(1);
    assertThat(answers.stream().filter(answer -> answer.status() != 200))
        .allMatch(answer -> answer.reason() == Reason.GRANT_EXHAUSTED);
    assertThat(operator.get("/v1/grants/" + grant).json().path("status").asString())
        .isEqualTo("exhausted");
  }

  // stations

  private X509Certificate enrolByToken(String id, String profile, KeyPair key) {
    String token =
        operator
            .post("/v1/devices/" + id + "/grants", tokenGrant(id, profile))
            .json()
            .path("token")
            .asString();
    return Client.anonymous(service.endpoints())
        .enrol("/simpleenroll", id, token, Csr.of(key).base64())
        .certificates()
        .get(0);
  }

  /** A server has a name. */
  private static String tokenGrant(String id, String profile) {
    String names = profile.equals("server") ? "\"dns:" + id + ".example\"" : "";
    return "{\"profile\":\"%s\",\"names\":[%s]}".formatted(profile, names);
  }

  private ObjectNode stationGrant(String station, int budget) {
    return wanted("station", station)
        .put("budget", budget)
        .put("anyName", true)
        .put("until", Instant.now().plus(Duration.ofDays(1)).toString());
  }

  @Test
  void stationEnrolsWhomItsGrantLets() throws Exception {
    String id = fresh("line");
    KeyPair key = Csr.newKey();
    X509Certificate certificate = enrolByToken(id, "station", key);
    assertThat(certificate.getExtendedKeyUsage()).contains("1.3.6.1.5.5.7.3.28");
    Client station = Client.with(service.endpoints(), key, certificate);
    assertRefused(station.enrol(request("s-1")), 403, Reason.GRANT_MISSING);
    make(stationGrant(id, 2));
    String first = request("s-1");
    assertEnrolled(station.enrol(first), "s-1");
    assertThat(station.enrol(first).status()).as("a lost answer").isEqualTo(200);
    assertRefused(station.enrol(request("s-1")), 409, Reason.DEVICE_EXISTS);
    assertRefused(station.enrol(anyRequest()), 403, Reason.NAME_NOT_GRANTED);
    assertRefused(station.post(path("gateway"), request("s-2")), 403, Reason.PROFILE_NOT_GRANTED);
    assertEnrolled(station.enrol(request("s-2")), "s-2");
    assertRefused(station.enrol(request("s-3")), 403, Reason.GRANT_EXHAUSTED);
  }

  @Test
  void stationReplacesADeviceOnlyWhereItsGrantSaysSo() {
    String id = fresh("line");
    KeyPair key = Csr.newKey();
    Client station = Client.with(service.endpoints(), key, enrolByToken(id, "station", key));
    make(stationGrant(id, 10));
    String device = id + ".old";
    expire(enrolByToken(device, "moment", Csr.newKey()));
    Answer refused = station.enrol(request(device));
    assertRefused(refused, 409, Reason.DEVICE_EXISTS);
    assertThat(refused.body()).contains("--may-replace", "guardbee device grant " + device);
    assertThat(station.enrol(request(id + ".new")).status()).isEqualTo(200);
    operator.post("/v1/grants/" + id + "/withdrawal", "{}");
    make(stationGrant(id, 10).put("mayReplace", true));
    assertThat(operator.get("/v1/grants/" + id).json().path("mayReplace").asBoolean()).isTrue();
    assertEnrolled(station.enrol(request(device)), device);
    assertRefused(station.enrol(request(device)), 409, Reason.DEVICE_EXISTS); // it has a good one
    assertThat(
            operator
                .post(
                    "/v1/grants",
                    wanted("manufacturer", fresh("maker")).put("mayReplace", true).toString())
                .reason())
        .isEqualTo(Reason.REQUEST_MALFORMED);
  }

  private static void expire(X509Certificate certificate) {
    Awaitility.await().until(() -> Instant.now().isAfter(certificate.getNotAfter().toInstant()));
  }

  @Test
  void stationRenewsItselfAndStopsWhenItIsRevoked() throws Exception {
    String id = fresh("line");
    KeyPair key = Csr.newKey();
    Client before = Client.with(service.endpoints(), key, enrolByToken(id, "station", key));
    make(stationGrant(id, 10));
    KeyPair next = Csr.newKey();
    X509Certificate renewed = before.renew(Csr.of(next).base64()).certificates().get(0);
    assertThat(renewed.getIssuerX500Principal().getName()).contains("Operations CA");
    assertThat(renewed.getExtendedKeyUsage()).contains("1.3.6.1.5.5.7.3.28");
    Client station = Client.with(service.endpoints(), next, renewed);
    assertEnrolled(station.enrol(request(id + ".1")), id + ".1");
    assertThat(station.get("/v1/devices").reason()).isEqualTo(Reason.ROLE_MISSING);
    operator.post("/v1/devices/" + id + "/revocation", "{\"reason\":\"keyCompromise\"}");
    assertRefused(station.enrol(request(id + ".2")), 403, Reason.CERTIFICATE_REVOKED);
  }

  @Test
  void suspendedStationEnrolsNobodyUntilItIsReinstated() throws Exception {
    String id = fresh("line");
    KeyPair key = Csr.newKey();
    Client station = Client.with(service.endpoints(), key, enrolByToken(id, "station", key));
    make(stationGrant(id, 10));
    operator.post("/v1/devices/" + id + "/suspend", "");
    assertRefused(station.enrol(request(id + ".1")), 403, Reason.DEVICE_SUSPENDED);
    operator.post("/v1/devices/" + id + "/reinstate", "");
    assertEnrolled(station.enrol(request(id + ".1")), id + ".1");
  }

  @Test
  void deviceIsNoStationAndServerRenewsItself() {
    KeyPair key = Csr.newKey();
    String id = fresh("plain");
    Client device = Client.with(service.endpoints(), key, enrolByToken(id, "sensor", key));
    assertRefused(device.enrol(request("x-1")), 403, Reason.GRANT_MISSING);
    String name = fresh("server");
    KeyPair own = Csr.newKey();
    Client server = Client.with(service.endpoints(), own, enrolByToken(name, "server", own));
    assertThat(name(server.renew(anyRequest()).certificates().get(0)))
        .startsWith("CN=" + name + ",OU=server");
  }

  @Test
  void operatorAndBrokerDoNotRenewOverEst() {
    assertRefused(operator.renew(anyRequest()), 403, Reason.ROLE_MISSING);
    assertRefused(Client.broker(service).renew(anyRequest()), 403, Reason.ROLE_MISSING);
    assertRefused(operator.enrol(request("x-2")), 403, Reason.GRANT_MISSING);
  }

  // what operators may ask for

  static Stream<Arguments> badGrants() {
    String leaf = Pem.certificate(shared().certificate());
    String authority = Pem.certificate(TestCa.root("Some CA").certificate());
    String end = ",\"budget\":1,\"until\":\"2099-01-01T00:00:00Z\"}";
    return Stream.of(
        Arguments.of(
            "no kind", "{\"name\":\"g\",\"profiles\":[\"sensor\"]}", Reason.REQUEST_MALFORMED),
        Arguments.of(
            "claim without end", json("claim", "sensor", leaf) + "}", Reason.REQUEST_MALFORMED),
        Arguments.of(
            "claim for any name",
            json("claim", "sensor", leaf) + ",\"anyName\":true" + end,
            Reason.REQUEST_MALFORMED),
        Arguments.of(
            "claim by an authority",
            json("claim", "sensor", authority) + end,
            Reason.REQUEST_MALFORMED),
        Arguments.of(
            "maker that is none",
            json("manufacturer", "sensor", leaf) + end,
            Reason.REQUEST_MALFORMED),
        Arguments.of(
            "no certificate", json("manufacturer", "sensor", "") + end, Reason.REQUEST_MALFORMED),
        Arguments.of(
            "template without a place",
            json("manufacturer", "sensor", authority) + ",\"idTemplate\":\"same\"" + end,
            Reason.REQUEST_MALFORMED),
        Arguments.of(
            "pattern that is none",
            json("manufacturer", "sensor", authority) + ",\"idPattern\":\"(\"" + end,
            Reason.REQUEST_MALFORMED),
        Arguments.of(
            "unknown profile",
            json("manufacturer", "nonsense", authority) + end,
            Reason.PROFILE_UNKNOWN),
        Arguments.of(
            "profile of another way",
            json("manufacturer", "station", authority) + end,
            Reason.PROFILE_NOT_GRANTED),
        Arguments.of(
            "budget of none",
            json("manufacturer", "sensor", authority) + ",\"budget\":0}",
            Reason.REQUEST_MALFORMED));
  }

  private static String json(String kind, String profile, String certificates) {
    String text = JSON.writeValueAsString(certificates);
    return "{\"name\":\"bad-grant\",\"kind\":\""
        + kind
        + "\",\"profiles\":[\""
        + profile
        + "\"],\"certificates\":"
        + text;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badGrants")
  void badGrantIsNotMade(String what, String body, Reason reason) {
    Answer answer = operator.post("/v1/grants", body);
    assertThat(answer.reason()).as(answer.body()).isEqualTo(reason);
    assertThat(operator.get("/v1/grants/bad-grant").reason()).isEqualTo(Reason.NOT_FOUND);
  }

  @Test
  void nameOfAGrantIsFreeAgainWhenItIsWithdrawn() {
    String station = fresh("line");
    make(stationGrant(station, 1));
    Answer second = operator.post("/v1/grants", stationGrant(station, 5).toString());
    assertThat(second.status()).isEqualTo(409);
    assertThat(second.reason()).isEqualTo(Reason.GRANT_EXISTS);
    operator.post("/v1/grants/" + station + "/withdrawal", "");
    make(stationGrant(station, 5));
    assertThat(operator.get("/v1/grants/" + station).json().path("budget").asInt()).isEqualTo(5);
  }

  @Test
  void grantsAreForOperators() {
    KeyPair key = Csr.newKey();
    Client device =
        Client.with(service.endpoints(), key, enrolByToken(fresh("dev"), "sensor", key));
    assertThat(device.get("/v1/grants").reason()).isEqualTo(Reason.ROLE_MISSING);
    assertThat(device.post("/v1/grants", "{}").reason()).isEqualTo(Reason.ROLE_MISSING);
    assertThat(Client.anonymous(service.endpoints()).get("/v1/grants/x").reason())
        .isEqualTo(Reason.CERTIFICATE_MISSING);
  }

  // tokens

  @Test
  void tokensAreListedAndWithdrawn() {
    String id = fresh("token");
    String grants = "/v1/devices/" + id + "/grants";
    var granted = operator.post(grants, "{\"validity\":\"P30D\"}").json();
    assertThat(Instant.parse(granted.path("expires").asString()))
        .isAfter(Instant.now().plus(Duration.ofDays(29)));
    assertThat(operator.get(grants).json().path("tokens").get(0).path("status").asString())
        .isEqualTo("open");
    assertThat(operator.delete(grants).json().path("withdrawn").asInt()).isEqualTo(1);
    Answer refused =
        Client.anonymous(service.endpoints())
            .enrol("/simpleenroll", id, granted.path("token").asString(), anyRequest());
    assertRefused(refused, 403, Reason.TOKEN_EXPIRED);
    assertThat(operator.post(grants, "{\"validity\":\"PT0S\"}").reason())
        .isEqualTo(Reason.REQUEST_MALFORMED);
  }
}
