package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.guardbee.hsm.Token;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Pem;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.ceremony.Ceremonies;
import io.guardbee.service.crl.RevocationList;
import io.guardbee.service.crl.RevocationLists;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.feed.FeedMessage;
import io.guardbee.service.feed.TestSigner;
import io.guardbee.service.store.Database;
import java.io.ByteArrayInputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Lists of revoked certificates, as relying parties fetch and judge them. */
class RevocationListTest {

  @TempDir private Path directory;
  private final Hand clock = new Hand();
  private RunningService service;

  @BeforeEach
  void start() throws Exception {
    service = RunningService.start(clock, directory.resolve("home"));
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private X509Certificate enrol(String id) {
    String token =
        Client.operator(service.endpoints())
            .post("/v1/devices/" + id + "/grants", "")
            .json()
            .path("token")
            .asString();
    return Client.anonymous(service.endpoints())
        .enrol("/simpleenroll", id, token, Csr.of(Csr.newKey()).base64())
        .certificates()
        .get(0);
  }

  /** The receipt comes when the lists are published. */
  private void revoke(String id, String reason) {
    Client.Answer receipt =
        Client.operator(service.endpoints())
            .post("/v1/devices/" + id + "/revocation", "{\"reason\":\"" + reason + "\"}");
    assertThat(receipt.status()).isEqualTo(200);
    assertThat(receipt.json().path("listed").asBoolean()).isTrue();
  }

  private String address(String name) {
    return service.endpoints().http() + "/crl/" + name + ".crl";
  }

  private static X509CRL parse(HttpResponse<byte[]> response) throws Exception {
    assertThat(response.statusCode()).isEqualTo(200);
    return (X509CRL)
        CertificateFactory.getInstance("X.509")
            .generateCRL(new ByteArrayInputStream(response.body()));
  }

  private X509CRL list(String name) throws Exception {
    return parse(Published.get(address(name)));
  }

  private static long number(X509CRL list) throws Exception {
    byte[] value = list.getExtensionValue(Extension.cRLNumber.getId());
    return ASN1Integer.getInstance(JcaX509ExtensionUtils.parseExtensionValue(value))
        .longValueExact();
  }

  private Path file(X509Certificate certificate) throws Exception {
    return Files.writeString(
        directory.resolve(certificate.getSerialNumber() + ".pem"), Pem.certificate(certificate));
  }

  @Test
  void bothAuthoritiesPublishASignedListFromTheFirstMoment() throws Exception {
    for (String role : java.util.List.of("issuing", "operations")) {
      Path der = directory.resolve(role + ".crl");
      Files.write(der, Published.get(address(role)).body());
      OpenSsl.Result result =
          OpenSsl.run(
              "crl",
              "-inform",
              "DER",
              "-in",
              der,
              "-noout",
              "-text",
              "-CAfile",
              service.home().ca().resolve(role + ".pem"),
              "-verify");
      assertThat(result.said())
          .contains("verify OK")
          .contains("X509v3 CRL Number")
          .contains("X509v3 Authority Key Identifier")
          .contains("No Revoked Certificates");
      X509CRL list = list(role);
      assertThat(
              Duration.between(list.getThisUpdate().toInstant(), list.getNextUpdate().toInstant()))
          .isEqualTo(Duration.ofDays(7));
    }
  }

  @Test
  void addressesInACertificateAreLive() throws Exception {
    X509Certificate device = enrol("d-1");
    HttpResponse<byte[]> list = Published.get(Published.list(device));
    assertThat(list.headers().firstValue("content-type")).hasValue("application/pkix-crl");
    assertThat(parse(list).getRevokedCertificate(device)).isNull();
    HttpResponse<byte[]> issuer = Published.get(Published.issuer(device));
    assertThat(issuer.headers().firstValue("content-type")).hasValue("application/pkix-cert");
    device.verify(Pem.decode(issuer.body()).getPublicKey());
    assertThat(
            Published.verify(
                    service,
                    file(device),
                    "-crl_check",
                    "-CRLfile",
                    Published.download(device, directory))
                .exitCode())
        .isZero();
  }

  @Test
  void revokedDeviceIsOnTheNextListWithItsReason() throws Exception {
    X509Certificate device = enrol("d-1");
    X509Certificate other = enrol("d-2");
    long before = number(list("issuing"));
    revoke("d-1", "keyCompromise");
    assertThat(list("issuing").getRevokedCertificate(device)).isNotNull();
    X509CRL list = list("issuing");
    assertThat(number(list)).isGreaterThan(before);
    assertThat(list.getRevokedCertificate(device).getRevocationReason())
        .isEqualTo(java.security.cert.CRLReason.KEY_COMPROMISE);
    assertThat(list.getRevokedCertificate(other)).isNull();
    Path downloaded = Published.download(device, directory);
    OpenSsl.Result judged =
        Published.verify(service, file(device), "-crl_check", "-CRLfile", downloaded);
    assertThat(judged.exitCode()).isNotZero();
    assertThat(judged.said()).contains("certificate revoked");
    assertThat(
            Published.verify(service, file(other), "-crl_check", "-CRLfile", downloaded).exitCode())
        .isZero();
  }

  @Test
  void suspensionAndItsEndArePublishedBeforeTheirReceipts() throws Exception {
    X509Certificate device = enrol("d-1");
    Client operator = Client.operator(service.endpoints());
    assertThat(operator.post("/v1/devices/d-1/suspend", "").json().path("listed").asBoolean())
        .isTrue();
    assertThat(list("issuing").getRevokedCertificate(device).getRevocationReason())
        .isEqualTo(java.security.cert.CRLReason.CERTIFICATE_HOLD);
    assertThat(operator.post("/v1/devices/d-1/reinstate", "").json().path("listed").asBoolean())
        .isTrue();
    assertThat(list("issuing").getRevokedCertificate(device)).isNull();
  }

  /** RFC 5280 §5.3.1: absent rather than unspecified. */
  @Test
  void unspecifiedReasonIsLeftOut() throws Exception {
    X509Certificate device = enrol("d-1");
    revoke("d-1", "unspecified");
    assertThat(list("issuing").getRevokedCertificate(device).hasExtensions()).isFalse();
  }

  @Test
  void unchangedListIsNotSentAgain() throws Exception {
    HttpResponse<byte[]> first = Published.get(address("issuing"), "Accept-Encoding", "gzip");
    String tag = first.headers().firstValue("etag").orElseThrow();
    String modified = first.headers().firstValue("last-modified").orElseThrow();
    assertThat(first.headers().firstValue("cache-control"))
        .hasValue("public, no-transform, max-age=60");
    assertThat(first.headers().firstValue("content-encoding")).isEmpty();
    assertThat(Published.get(address("issuing"), "If-None-Match", tag).statusCode()).isEqualTo(304);
    assertThat(Published.get(address("issuing"), "If-Modified-Since", modified).statusCode())
        .isEqualTo(304);
    assertThat(Published.get(address("issuing"), "If-None-Match", "\"x\"").statusCode())
        .isEqualTo(200);
    enrol("d-1");
    revoke("d-1", "superseded");
    await()
        .until(() -> Published.get(address("issuing"), "If-None-Match", tag).statusCode() == 200);
  }

  @Test
  void listIsMadeAnewAtHalfOfItsValidity() throws Exception {
    X509CRL first = list("operations");
    clock.advance(Duration.ofHours(83));
    X509CRL still = list("operations");
    assertThat(number(still)).isEqualTo(number(first));
    clock.advance(Duration.ofHours(2));
    await().until(() -> number(list("operations")) > number(first));
    assertThat(list("operations").getNextUpdate()).isAfter(first.getNextUpdate());
  }

  /** RFC 5280 §3.3: an entry stays until a list from beyond the certificate's end has it. */
  @Test
  void entryLeavesTheListAfterTheEndOfItsCertificate() throws Exception {
    X509Certificate device = enrol("d-1");
    revoke("d-1", "keyCompromise");
    assertThat(list("issuing").getRevokedCertificate(device)).isNotNull();
    clock.advance(Duration.ofDays(92));
    await()
        .untilAsserted(
            () ->
                assertThat(list("issuing").getThisUpdate().toInstant())
                    .isAfter(device.getNotAfter().toInstant()));
    assertThat(list("issuing").getRevokedCertificate(device)).isNotNull();
    clock.advance(Duration.ofDays(7));
    await().untilAsserted(() -> assertThat(list("issuing").getRevokedCertificate(device)).isNull());
  }

  @Test
  void numberGoesOnAfterARestart() throws Exception {
    long before = number(list("issuing"));
    service.restart();
    assertThat(number(list("issuing"))).isEqualTo(before);
    enrol("d-1");
    revoke("d-1", "keyCompromise");
    await().until(() -> number(list("issuing")) > before);
  }

  @Test
  void listAndAnswersForCertificatesOfAPredecessorGoOn() throws Exception {
    X509Certificate old = enrol("d-old");
    Token token = Token.open(RunningService.token());
    try (token) {
      new Ceremonies(service.home().ca(), Optional.empty(), new SecureRandom(), clock)
          .rollover(
              new Ceremonies.Tokens(RunningService.token(), token),
              Identity.ISSUING,
              Optional.empty());
    }
    service.restart();
    X509Certificate fresh = enrol("d-new");
    assertThat(Published.list(fresh).replaceAll(".*/", ""))
        .isNotEqualTo(Published.list(old).replaceAll(".*/", ""));
    revoke("d-old", "keyCompromise");
    String oldList = address(Published.list(old).replaceAll(".*/|\\.crl$", ""));
    await().until(() -> parse(Published.get(oldList)).getRevokedCertificate(old) != null);
    Path list = directory.resolve("old.pem");
    Files.writeString(list, Pem.block("X509 CRL", Published.get(oldList).body()));
    assertThat(Published.verify(service, file(old), "-crl_check", "-CRLfile", list).said())
        .contains("certificate revoked");
    assertThat(
            Published.verify(
                    service,
                    file(fresh),
                    "-crl_check",
                    "-CRLfile",
                    Published.download(fresh, directory))
                .said())
        .contains(": OK");
    String responder = service.endpoints().http() + "/ocsp";
    assertThat(OcspTest.ask(service, old, 1, responder))
        .contains(": revoked")
        .contains("verify OK");
    assertThat(OcspTest.ask(service, fresh, 0, responder)).contains(": good").contains("verify OK");
  }

  @Test
  void rootsListIsPublishedFromTheFirstCeremonyOn() throws Exception {
    assertThat(number(list("root"))).isEqualTo(1);
    new Ceremonies(service.home().ca(), Optional.empty(), new SecureRandom(), clock)
        .crl(
            RunningService.token(),
            new Ceremonies.CrlOrder(java.util.Map.of(), Duration.ofDays(90)));
    X509CRL list = list("root");
    assertThat(number(list)).isEqualTo(2);
    list.verify(
        Pem.readCertificates(service.home().ca().resolve("root.pem")).get(0).getPublicKey());
  }

  /** What nginx is given as {@code ssl_crl}: without any one of the three it refuses everybody. */
  @Test
  void wholeChainIsCheckedWithTheThreeLists() throws Exception {
    X509Certificate device = enrol("d-1");
    X509Certificate authority =
        Pem.readCertificates(service.home().ca().resolve("issuing.pem")).get(0);
    assertThat(Published.get(Published.list(authority)).body())
        .as("the authority's certificate names the root's list")
        .isEqualTo(Published.get(address("root")).body());
    StringBuilder lists = new StringBuilder();
    for (String name : List.of("issuing", "operations", "root")) {
      lists.append(Pem.block("X509 CRL", Published.get(address(name)).body()));
    }
    Path all = Files.writeString(directory.resolve("all.pem"), lists);
    Path operator = service.home().operator().resolve("operator.pem");
    for (Path leaf : List.of(file(device), operator)) {
      assertThat(Published.verify(service, leaf, "-crl_check_all", "-CRLfile", all).said())
          .contains(": OK");
    }
    Path own = Published.download(device, directory);
    assertThat(Published.verify(service, file(device), "-crl_check_all", "-CRLfile", own).said())
        .as("the root's list counts")
        .contains("unable to get certificate CRL");
  }

  @Test
  void listsAreGivenOutWhileTheDatabaseIsAway() throws Exception {
    byte[] known = Published.get(address("issuing")).body();
    service.close();
    try (Token token = Token.open(RunningService.token())) {
      Authorities authorities = Authorities.open(token, service.home().ca());
      String name = authorities.byRole(Identity.ISSUING).name();
      RevocationLists lists;
      try (Database database = Database.embedded(service.home().database())) {
        EventLog log =
            new EventLog(database, JsonMapper.builder().build(), clock, TestSigner.signer());
        lists = RevocationLists.open(authorities, database, log, Duration.ofDays(7), clock);
      }
      try (lists) {
        for (int request = 0; request < 2; request++) {
          assertThat(lists.of(Identity.ISSUING, name).orElseThrow().der()).isEqualTo(known);
        }
      }
    }
    service.restart();
  }

  /** Two processes on one database: who takes a number signs it, the other takes it over. */
  @Test
  void replicasGiveOutTheSameList() throws Exception {
    enrol("d-1");
    service.close();
    Clock later = Clock.offset(clock, Duration.ofDays(4));
    try (Token token = Token.open(RunningService.token());
        Database database = Database.embedded(service.home().database())) {
      Authorities authorities = Authorities.open(token, service.home().ca());
      EventLog log =
          new EventLog(database, JsonMapper.builder().build(), later, TestSigner.signer());
      Duration validity = Duration.ofDays(7);
      try (RevocationLists one = RevocationLists.open(authorities, database, log, validity, later);
          RevocationLists two = RevocationLists.open(authorities, database, log, validity, later)) {
        String name = authorities.byRole(Identity.ISSUING).name();
        RevocationList first = one.of(Identity.ISSUING, name).orElseThrow();
        RevocationList second = two.of(Identity.ISSUING, name).orElseThrow();
        assertThat(first.number()).isEqualTo(2);
        assertThat(second.number()).isEqualTo(2);
        assertThat(second.der()).isEqualTo(first.der());
        long event =
            database.transact(
                tx ->
                    log.append(
                        tx,
                        number ->
                            new FeedMessage.Status(
                                number, "d-1", FeedMessage.ACTIVE, "removeFromCRL", List.of())));
        assertThat(one.await(event, Duration.ofSeconds(30))).isTrue();
        assertThat(two.of(Identity.ISSUING, name).orElseThrow().number())
            .as("the receipt of the one replica holds at the other")
            .isEqualTo(one.of(Identity.ISSUING, name).orElseThrow().number())
            .isGreaterThan(2);
      }
    }
    service.restart();
  }
}
