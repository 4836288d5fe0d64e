package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.files.CredentialFiles;
import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.operator.Api;
import io.guardbee.operator.Endpoints;
import io.guardbee.operator.OperatorRenewal;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.service.config.ConfigFile;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import io.guardbee.testing.PatientWaiting;
import io.guardbee.testing.TestCa;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Certificates of operators and brokers: listed, renewed, superseded, revoked. */
class RoleCertificateTest {

  private static final String REVOKE = "{\"reason\":\"keyCompromise\"}";

  @TempDir private Path directory;

  private static Path operatorPem(RunningService service) {
    return service.home().operator().resolve("operator.pem");
  }

  private static Path brokerPem(RunningService service) {
    return service.home().broker().resolve("conf/broker.pem");
  }

  private static X509Certificate leaf(Path pem) throws IOException {
    return Pem.readCertificates(pem).get(0);
  }

  private static void awaitReplaced(Path pem, X509Certificate before) {
    Awaitility.await().untilAsserted(() -> assertThat(leaf(pem)).isNotEqualTo(before));
  }

  private static String request(KeyPair key) {
    return Pem.block("CERTIFICATE REQUEST", Csr.of(key).der());
  }

  private static JsonNode certificate(Client operator, String path, X509Certificate leaf) {
    for (JsonNode one : operator.get(path).json().path("certificates")) {
      if (one.path("serial").asString().equals(Serial.of(leaf).toString())) {
        return one;
      }
    }
    throw new AssertionError(operator.get(path).body());
  }

  @Test
  void operatorAndBrokerAreOnRecordForNinetyDaysAndAreNoServers() throws Exception {
    try (RunningService service = RunningService.start(directory.resolve("list"))) {
      Client operator = Client.operator(service.endpoints());
      JsonNode own = certificate(operator, "/v1/operators", leaf(operatorPem(service)));
      assertThat(own.path("name").asString()).isEqualTo("operator");
      assertThat(own.path("status").asString()).isEqualTo("active");
      assertThat(Instant.parse(own.path("notAfter").asString()))
          .isBefore(Instant.now().plus(Duration.ofDays(91)));
      X509Certificate broker = leaf(brokerPem(service));
      certificate(operator, "/v1/brokers/certificates", broker);
      assertThat(broker.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
      assertThat(Client.broker(service).get("/v1/operators").reason())
          .isEqualTo(Reason.ROLE_MISSING);
      assertThat(
              Client.anonymous(service.endpoints())
                  .post("/v1/operators/x/revocation", REVOKE)
                  .reason())
          .isEqualTo(Reason.CERTIFICATE_MISSING);
    }
  }

  @Test
  void revokedBrokerLosesItsFeedAndEveryRequestAndANewOneComesWithTheNextStart() throws Exception {
    try (RunningService service = RunningService.start(directory.resolve("broker"))) {
      Client operator = Client.operator(service.endpoints());
      Client broker = Client.broker(service);
      X509Certificate before = leaf(brokerPem(service));
      String node = Client.nodeName(service);
      assertThat(broker.post("/v1/broker/certificate", request(Csr.newKey())).status())
          .isEqualTo(200);
      try (FeedClient feed = new FeedClient(service)) {
        feed.next("snapshot");
        Client.Answer answer = operator.post("/v1/brokers/" + node + "/revocation", REVOKE);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.json().path("serials")).hasSize(2); // the listener's too
        assertThat(answer.json().path("connectionsEnded").asInt()).isPositive();
        feed.awaitEnd();
      }
      for (String path : List.of("/v1/broker/certificate", "/v1/broker/renewal")) {
        assertThat(broker.post(path, request(Csr.newKey())).reason())
            .isEqualTo(Reason.CERTIFICATE_REVOKED);
      }
      assertThat(broker.get("/v1/feed?node=" + node).reason())
          .isEqualTo(Reason.CERTIFICATE_REVOKED);
      assertThat(
              certificate(operator, "/v1/brokers/certificates", before).path("reason").asString())
          .isEqualTo("keyCompromise");
      assertThat(operator.get("/v1/audit/head").status()).isEqualTo(200); // seals
      assertThat(operator.get("/v1/audit").body())
          .contains("certificate-revoked", "broker:" + node);
      service.restart();
      assertThat(leaf(brokerPem(service))).isNotEqualTo(before);
      assertThat(Client.nodeName(service)).isEqualTo(node);
      try (FeedClient feed = new FeedClient(service)) {
        feed.next("snapshot");
      }
    }
  }

  /** A backup is a stream too, and the factory's answers are. */
  @Test
  void revokedOperatorLosesOpenStreamsAndTheLastOneIsMadeAnewAtTheNextStart() throws Exception {
    try (RunningService service = RunningService.start(directory.resolve("last"))) {
      Endpoints endpoints = service.endpoints();
      Client operator = Client.operator(endpoints);
      Client revoking = Client.operator(endpoints);
      try (RawStream stream = RawStream.factory(endpoints)) {
        stream.send("{\"deviceId\":\"d-1\",\"csr\":\"x\"}\n");
        assertThat(stream.nextLine()).isNotNull();
        X509Certificate before = leaf(operatorPem(service));
        Client.Answer answer = revoking.post("/v1/operators/operator/revocation", REVOKE);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.json().path("connectionsEnded").asInt()).isGreaterThanOrEqualTo(2);
        assertThat(stream.awaitEnd()).isTrue();
        assertThat(operator.get("/v1/devices").reason()).isEqualTo(Reason.CERTIFICATE_REVOKED);
        assertThat(operator.post("/v1/operators/renewal", request(Csr.newKey())).reason())
            .isEqualTo(Reason.CERTIFICATE_REVOKED);
        service.restart();
        assertThat(leaf(operatorPem(service))).isNotEqualTo(before);
        assertThat(Client.operator(service.endpoints()).get("/v1/devices").status()).isEqualTo(200);
        // whoever has the former key alone gained nothing by it
        assertThat(operator.at(service.endpoints()).get("/v1/devices").reason())
            .isEqualTo(Reason.CERTIFICATE_REVOKED);
      }
    }
  }

  @Test
  void oneCertificateIsRevokedAndTheOthersStay() throws Exception {
    try (RunningService service = RunningService.start(directory.resolve("one"))) {
      Client operator = Client.operator(service.endpoints());
      KeyPair key = Csr.newKey();
      X509Certificate second =
          Pem.parseCertificates(operator.post("/v1/operators/renewal", request(key)).body()).get(0);
      Client other = Client.with(service.endpoints(), key, second);
      assertThat(other.get("/v1/devices").status()).isEqualTo(200);
      String one = "{\"reason\":\"keyCompromise\",\"serial\":\"" + Serial.of(second) + "\"}";
      assertThat(operator.post("/v1/operators/operator/revocation", one).status()).isEqualTo(200);
      assertThat(other.get("/v1/devices").reason()).isEqualTo(Reason.CERTIFICATE_REVOKED);
      assertThat(operator.get("/v1/devices").status()).isEqualTo(200);
      assertThat(operator.post("/v1/operators/nobody/revocation", REVOKE).reason())
          .isEqualTo(Reason.HOLDER_UNKNOWN);
    }
  }

  @Test
  void renewalKeepsNameAndNamesAndItsPredecessorEndsAfterTheOverlap() throws Exception {
    Hand clock = new Hand();
    try (RunningService service = RunningService.start(clock, directory.resolve("renewal"))) {
      Client broker = Client.broker(service);
      X509Certificate before = leaf(brokerPem(service));
      Csr csr = Csr.of(Csr.newKey()).subject("CN=evil,OU=operator").alternativeName("evil.example");
      X509Certificate next =
          Pem.parseCertificates(
                  broker
                      .post("/v1/broker/renewal", Pem.block("CERTIFICATE REQUEST", csr.der()))
                      .body())
              .get(0);
      assertThat(next.getSubjectX500Principal()).isEqualTo(before.getSubjectX500Principal());
      assertThat(next.getSubjectAlternativeNames())
          .containsExactlyInAnyOrderElementsOf(before.getSubjectAlternativeNames());
      assertThat(next.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
      assertThat(broker.get("/v1/feed?node=x").status()).isNotEqualTo(200);
      assertThat(broker.post("/v1/broker/certificate", request(Csr.newKey())).status())
          .isEqualTo(200);
      clock.advance(Duration.ofDays(15));
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(broker.post("/v1/broker/certificate", request(Csr.newKey())).reason())
                      .isEqualTo(Reason.CERTIFICATE_SUPERSEDED));
    }
  }

  @Test
  void homeIsRenewedWhileTheServiceRuns() throws Exception {
    Hand clock = new Hand();
    try (RunningService service = RunningService.start(clock, directory.resolve("home"))) {
      X509Certificate operator = leaf(operatorPem(service));
      X509Certificate broker = leaf(brokerPem(service));
      Path store = service.home().operator().resolve("operator.p12");
      byte[] p12 = Files.readAllBytes(store);
      clock.advance(Duration.ofDays(61));
      awaitReplaced(operatorPem(service), operator);
      Awaitility.await()
          .untilAsserted(() -> assertThat(Files.readAllBytes(store)).isNotEqualTo(p12));
      assertThat(leaf(brokerPem(service))).as("a broker renews itself").isEqualTo(broker);
      for (String file : List.of("operator.key", "operator.p12")) {
        assertThat(Files.getPosixFilePermissions(service.home().operator().resolve(file)))
            .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      }
      clock.advance(Duration.ofDays(16));
      awaitReplaced(brokerPem(service), broker);
    }
  }

  /** Only its holder can open the token. */
  @Test
  void certificateWithItsKeyInATokenIsLeftToItsHolderUntilItEnds() throws Exception {
    Hand clock = new Hand();
    try (RunningService service = RunningService.start(clock, directory.resolve("uri"))) {
      X509Certificate operator = leaf(operatorPem(service));
      X509Certificate broker = leaf(brokerPem(service));
      Path key = service.home().operator().resolve("operator.key");
      Path uri = key.resolveSibling("operator.uri");
      Files.delete(key);
      Files.writeString(uri, "pkcs11:token=elsewhere;object=operator\n");
      clock.advance(Duration.ofDays(80));
      awaitReplaced(brokerPem(service), broker);
      service.restart();
      assertThat(leaf(operatorPem(service))).isEqualTo(operator);
      assertThat(key).doesNotExist();
      clock.advance(Duration.ofDays(11));
      service.restart();
      assertThat(leaf(operatorPem(service))).as("it has ended").isNotEqualTo(operator);
      assertThat(key).exists();
      assertThat(uri).doesNotExist();
    }
  }

  @Test
  void revokedFilesOfTheHomeStayRevokedWhileTheServiceRuns() throws Exception {
    Hand clock = new Hand();
    try (RunningService service = RunningService.start(clock, directory.resolve("stay"))) {
      X509Certificate broker = leaf(brokerPem(service));
      X509Certificate operator = leaf(operatorPem(service));
      Client.operator(service.endpoints())
          .post("/v1/brokers/" + Client.nodeName(service) + "/revocation", REVOKE);
      X509Certificate second = renewed(service, clock, operator);
      renewed(service, clock, second); // so the broker's turn after the first one is over
      assertThat(leaf(brokerPem(service))).isEqualTo(broker);
    }
  }

  private X509Certificate renewed(RunningService service, Hand clock, X509Certificate before)
      throws Exception {
    clock.advance(Duration.ofDays(80));
    awaitReplaced(operatorPem(service), before);
    return leaf(operatorPem(service));
  }

  /** What earlier versions made: 825 days. */
  @Test
  void certificateOfAnEarlierVersionIsReplacedAtTheStartAndEndsAfterTheOverlap() throws Exception {
    Hand clock = new Hand();
    try (RunningService service = RunningService.start(clock, directory.resolve("old"))) {
      service.stop();
      KeyPair key = Csr.newKey();
      X509Certificate old = issueOld(service, key);
      service.restart();
      assertThat(leaf(operatorPem(service))).isNotEqualTo(old);
      Client holder = Client.with(service.endpoints(), key, old);
      assertThat(holder.get("/v1/devices").status()).isEqualTo(200);
      assertThat(certificate(holder, "/v1/operators", old).path("endsAt").isString()).isTrue();
      clock.advance(Duration.ofDays(15));
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(holder.get("/v1/devices").reason())
                      .isEqualTo(Reason.CERTIFICATE_SUPERSEDED));
    }
  }

  private static X509Certificate issueOld(RunningService service, KeyPair key) throws Exception {
    X509Certificate authority = leaf(service.home().ca().resolve("operations.pem"));
    try (Token token = Token.open(RunningService.token());
        Database database = Database.open(service.home(), ConfigFile.load(service.home()).db())) {
      TokenKey signer =
          token.list().stream()
              .filter(one -> one.publicKey().equals(authority.getPublicKey()))
              .findFirst()
              .orElseThrow();
      Instant now = Instant.now();
      X509Certificate old =
          TestCa.draft("CN=operator,OU=operator,O=Guardbee")
              .purpose(KeyPurposeId.id_kp_clientAuth)
              .valid(now.minusSeconds(300), now.plus(Duration.ofDays(825)))
              .certifiedBy(
                  new TestCa(authority, signer.privateKey(), List.of(authority)), key.getPublic());
      byte[] der = old.getEncoded();
      database.transact(
          tx ->
              tx.execute(
                  "insert into certificate (issuer, serial, subject, key_hash, state, way,"
                      + " right_ref, not_before, not_after, reserved_at, der) values ('operations',"
                      + " ?, 'CN=operator,OU=operator,O=Guardbee', 'x', 'issued', 'installation',"
                      + " '#operator', ?, ?, ?, ?)",
                  Serial.of(old).toString(),
                  Sql.utc(now),
                  Sql.utc(now.plus(Duration.ofDays(825))),
                  Sql.utc(now),
                  der));
      Path pem = operatorPem(service);
      Files.writeString(pem, Pem.certificates(List.of(old, authority)));
      Files.writeString(pem.resolveSibling("operator.key"), Pem.privateKey(key.getPrivate()));
      return old;
    }
  }

  /** An operator elsewhere has a copy of what the home says. */
  @Test
  void commandsRenewTheOperatorsOwnCertificate() throws Exception {
    try (RunningService service = RunningService.start(directory.resolve("cli"))) {
      Path laptop = copy(service, "laptop");
      Path pem = laptop.resolve("operator.pem");
      X509Certificate before = leaf(pem);
      X509Certificate next = new OperatorRenewal(laptop).renew(Optional.empty());
      assertThat(leaf(pem)).isEqualTo(next).isNotEqualTo(before);
      assertThat(new CredentialFiles(pem, laptop.resolve("operator.key")).read().fits()).isTrue();
      assertThat(Api.of(laptop).get("/v1/devices").path("devices").isArray()).isTrue();
    }
  }

  private Path copy(RunningService service, String name) throws IOException {
    Endpoints all = service.endpoints();
    Path laptop = Files.createDirectories(directory.resolve(name));
    Files.copy(Path.of(all.operatorCert()), laptop.resolve("operator.pem"));
    Files.copy(Path.of(all.operatorKey()), laptop.resolve("operator.key"));
    new Endpoints(
            all.https(),
            all.http(),
            all.mqtts(),
            null,
            all.trust(),
            laptop.resolve("operator.pem").toString(),
            laptop.resolve("operator.key").toString(),
            all.caFingerprint())
        .write(laptop);
    return laptop;
  }

  @Test
  void operatorsKeyMovesIntoATokenAndStaysThere() throws Exception {
    try (RunningService service = RunningService.start(directory.resolve("token"))) {
      Path laptop = copy(service, "token-laptop");
      String uri =
          RunningService.token()
              .withObject("operator-" + Serial.of(leaf(operatorPem(service))))
              .toString();
      X509Certificate next = new OperatorRenewal(laptop).renew(Optional.of(uri));
      assertThat(laptop.resolve("operator.key")).doesNotExist();
      assertThat(Api.of(laptop).get("/v1/devices").path("devices").isArray()).isTrue();
      X509Certificate further = new OperatorRenewal(laptop).renew(Optional.empty());
      assertThat(further.getPublicKey()).isEqualTo(next.getPublicKey());
      assertThat(further).isNotEqualTo(next);
      assertThatThrownBy(() -> new OperatorRenewal(laptop).renew(Optional.of("operator.key")))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("PKCS#11");
    }
  }

  /** A factory stream by hand: its request goes on while its answer comes. */
  private record RawStream(javax.net.ssl.SSLSocket socket, BufferedReader lines)
      implements AutoCloseable {

    static RawStream factory(Endpoints endpoints) throws Exception {
      var context = javax.net.ssl.SSLContext.getInstance("TLS");
      var own =
          new CredentialFiles(Path.of(endpoints.operatorCert()), Path.of(endpoints.operatorKey()))
              .read();
      context.init(
          new javax.net.ssl.KeyManager[] {new io.guardbee.pki.OneKey(own.key(), own.chain())},
          new javax.net.ssl.TrustManager[] {
            io.guardbee.pki.ServerTrustManager.of(
                Pem.readCertificates(Path.of(endpoints.trust())),
                io.guardbee.pki.ServerRole.SERVICE)
          },
          null);
      int port = java.net.URI.create(endpoints.https()).getPort();
      var socket =
          (javax.net.ssl.SSLSocket) context.getSocketFactory().createSocket("localhost", port);
      socket.setSoTimeout((int) PatientWaiting.PATIENCE.toMillis());
      socket
          .getOutputStream()
          .write(
              """
              POST /v1/factory/enroll HTTP/1.1
              Host: localhost
              Content-Type: application/x-ndjson
              Transfer-Encoding: chunked

              """
                  .replace("\n", "\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      return new RawStream(
          socket,
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)));
    }

    void send(String text) throws IOException {
      byte[] octets = text.getBytes(StandardCharsets.UTF_8);
      String chunk = Integer.toHexString(octets.length) + "\r\n" + text + "\r\n";
      socket.getOutputStream().write(chunk.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
    }

    /** The next line that is JSON. */
    String nextLine() throws IOException {
      String line = lines.readLine();
      while (line != null && !line.startsWith("{")) {
        line = lines.readLine();
      }
      return String.valueOf(line);
    }

    boolean awaitEnd() {
      try {
        String line = lines.readLine();
        while (line != null) {
          line = lines.readLine();
        }
        return true;
      } catch (java.net.SocketTimeoutException e) {
        return false;
      } catch (IOException e) {
        return true;
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
