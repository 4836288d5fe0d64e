package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.service.Client.Answer;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Enrolment as a device meets it: over HTTPS, with EST. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EstTest {

  private RunningService service;
  private Client anyone;
  private Client operator;
  private int devices;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    service =
        RunningService.start(
            directory.resolve("est"),
            "profiles:",
            "  blink:",
            "    validity: PT2S",
            "    renewal:",
            "      expiredGrace: PT0S");
    anyone = Client.anonymous(service.endpoints());
    operator = Client.operator(service.endpoints());
  }

  @AfterAll
  void stop() {
    service.close();
  }

  private String newDevice() {
    return "est-" + ++devices;
  }

  private String grant(String id) {
    return operator.post("/v1/devices/" + id + "/grants", "").json().path("token").asString();
  }

  private Answer enrol(String id, String token, Csr csr) {
    return anyone.enrol("/simpleenroll", id, token, csr.base64());
  }

  private X509Certificate enrolled(String id, KeyPair key) {
    return enrol(id, grant(id), Csr.of(key).subject("CN=" + id)).certificates().get(0);
  }

  @Test
  void cacertsTellsEveryAuthorityToAnyone() {
    List<X509Certificate> told = anyone.get("/.well-known/est/cacerts").certificates();
    assertThat(told)
        .extracting(certificate -> certificate.getSubjectX500Principal().getName())
        .containsExactlyInAnyOrder(
            "CN=Guardbee Root CA,O=Guardbee",
            "CN=Guardbee Issuing CA,O=Guardbee",
            "CN=Guardbee Operations CA,O=Guardbee");
  }

  @Test
  void answersCarryTypeAndLengthAndLineBreaks() {
    Answer answer = anyone.get("/.well-known/est/cacerts");
    assertThat(answer.raw().headers().firstValue("content-type"))
        .hasValue("application/pkcs7-mime; smime-type=certs-only");
    assertThat(answer.raw().headers().firstValueAsLong("content-length")).isPresent();
    assertThat(answer.body().lines()).allMatch(line -> line.length() <= 64);
  }

  @Test
  void tokenBuysOneCertificateFromTheProfile() throws Exception {
    String id = newDevice();
    X509Certificate certificate = enrolled(id, Csr.newKey());
    assertThat(certificate.getSubjectX500Principal().getName())
        .isEqualTo("CN=" + id + ",OU=sensor,O=Guardbee");
    assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
    assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
    assertThat(certificate.getCriticalExtensionOIDs()).contains("2.5.29.19", "2.5.29.15");
    assertThat(certificate.getSerialNumber().toByteArray()).hasSize(20);
    assertThat(Duration.between(Instant.now(), certificate.getNotAfter().toInstant()).toDays())
        .isBetween(89L, 90L);
    certificate.verify(
        Pem.readCertificates(service.home().ca().resolve("issuing.pem")).get(0).getPublicKey());
  }

  @Test
  void deviceIdMayHoldColons() {
    String id = "urn:est:" + newDevice();
    assertThat(enrol(id, grant(id), Csr.of(Csr.newKey())).status()).isEqualTo(200);
    Answer wrong = enrol(id, "nonsense", Csr.of(Csr.newKey()));
    assertThat(wrong.reason()).isEqualTo(Reason.TOKEN_WRONG);
    assertThat(wrong.body()).contains(id);
  }

  @Test
  void answerTellsWhenToRenew() {
    String id = newDevice();
    Answer answer = enrol(id, grant(id), Csr.of(Csr.newKey()));
    X509Certificate certificate = answer.certificates().get(0);
    Instant from = certificate.getNotBefore().toInstant();
    Duration life = Duration.between(from, certificate.getNotAfter().toInstant());
    Instant due = from.plusMillis((long) (life.toMillis() * 0.66));
    assertThat(answer.raw().headers().firstValue("Guardbee-Renewal-Window"))
        .hasValue(due + "/" + due.plus(Duration.ofHours(12)));
  }

  @Test
  void requestWithoutSubjectGetsTheGrantedName() {
    String id = newDevice();
    assertThat(
            enrol(id, grant(id), Csr.of(Csr.newKey()))
                .certificates()
                .get(0)
                .getSubjectX500Principal()
                .getName())
        .startsWith("CN=" + id + ",");
  }

  static Stream<Arguments> refusals() {
    KeyPair key = Csr.newKey();
    return Stream.of(
        Arguments.of(
            "another's name", Csr.of(key).subject("CN=other"), 403, Reason.CSR_NAME_MISMATCH),
        Arguments.of("wildcard name", Csr.of(key).subject("CN=\\+"), 403, Reason.CSR_NAME_MISMATCH),
        Arguments.of("topic in name", Csr.of(key).subject("CN=a/b"), 403, Reason.CSR_NAME_MISMATCH),
        Arguments.of(
            "two names", Csr.of(key).subject("CN=est,CN=other"), 403, Reason.CSR_NAME_MISMATCH),
        Arguments.of(
            "another's SAN",
            Csr.of(key).alternativeName("broker.example"),
            403,
            Reason.CSR_NAME_MISMATCH),
        Arguments.of("CA:TRUE", Csr.of(key).asksForAuthority(), 403, Reason.CSR_CA_REQUESTED),
        Arguments.of(
            "keyCertSign", Csr.of(key).asksToSignCertificates(), 403, Reason.CSR_CA_REQUESTED),
        Arguments.of(
            "bad self-signature",
            Csr.of(key).signedBy(Csr.newKey()),
            400,
            Reason.CSR_SIGNATURE_INVALID),
        Arguments.of("P-521", Csr.of(Csr.newKey("secp521r1")), 400, Reason.KEY_UNSUPPORTED),
        Arguments.of("RSA 1024", Csr.of(Csr.newRsaKey(1024)), 400, Reason.KEY_WEAK));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusals")
  void badRequestIsRefusedAndCostsNothing(String what, Csr csr, int status, Reason reason) {
    String id = newDevice();
    String token = grant(id);
    Answer answer = enrol(id, token, csr);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.reason()).isEqualTo(reason);
    assertThat(answer.body().strip().lines()).hasSize(1);
    assertThat(enrol(id, token, Csr.of(Csr.newKey())).status())
        .as("the token is still good")
        .isEqualTo(200);
  }

  @Test
  void bodyThatIsNoRequestIsRefused() {
    String id = newDevice();
    String token = grant(id);
    for (String body : List.of("", "hello, world", "AAAA", "MIIB", "\0\0", "{\"csr\":1}")) {
      Answer answer = anyone.enrol("/simpleenroll", id, token, body);
      assertThat(answer.status()).as(body).isEqualTo(400);
      assertThat(answer.reason()).as(body).isEqualTo(Reason.CSR_MALFORMED);
    }
  }

  @Test
  void bodyOverTheLimitIsRefused() {
    String id = newDevice();
    Answer answer = anyone.enrol("/simpleenroll", id, grant(id), "A".repeat(70_000));
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.reason()).isEqualTo(Reason.REQUEST_TOO_LARGE);
  }

  @Test
  void everyFormOfBase64IsRead() {
    byte[] mime =
        Base64.getMimeEncoder(76, new byte[] {'\r', '\n'}).encode(Csr.of(Csr.newKey()).der());
    List<String> forms =
        List.of(
            Csr.of(Csr.newKey()).base64(),
            new String(mime, java.nio.charset.StandardCharsets.US_ASCII),
            Pem.block("CERTIFICATE REQUEST", Csr.of(Csr.newKey()).der()),
            "  " + Csr.of(Csr.newKey()).base64() + "\r\n\r\n");
    for (String body : forms) {
      String id = newDevice();
      assertThat(anyone.enrol("/simpleenroll", id, grant(id), body).status())
          .as(body)
          .isEqualTo(200);
    }
  }

  @Test
  void wrongMissingAndForeignTokensAreRefused() {
    String id = newDevice();
    String token = grant(id);
    Csr csr = Csr.of(Csr.newKey());
    Answer wrong = enrol(id, "nonsense", csr);
    assertThat(wrong.status()).isEqualTo(401);
    assertThat(wrong.reason()).isEqualTo(Reason.TOKEN_WRONG);
    assertThat(wrong.raw().headers().firstValue("WWW-Authenticate")).isPresent();
    assertThat(wrong.body()).doesNotContain("nonsense");
    assertThat(enrol(newDevice(), token, csr).reason()).isEqualTo(Reason.TOKEN_WRONG);
    assertThat(anyone.post("/.well-known/est/simpleenroll", csr.base64()).reason())
        .isEqualTo(Reason.TOKEN_MISSING);
    assertThat(enrol("a/b", token, csr).reason()).isEqualTo(Reason.DEVICE_ID_INVALID);
    assertThat(enrol(id, token, csr).status()).isEqualTo(200);
  }

  @Test
  void tokenIsGoodOnce() {
    String id = newDevice();
    String token = grant(id);
    assertThat(enrol(id, token, Csr.of(Csr.newKey())).status()).isEqualTo(200);
    Answer again = enrol(id, token, Csr.of(Csr.newKey()));
    assertThat(again.status()).isEqualTo(403);
    assertThat(again.reason()).isEqualTo(Reason.TOKEN_USED);
  }

  @Test
  void requestSentAgainAfterALostAnswerGetsTheSameCertificate() {
    String id = newDevice();
    String token = grant(id);
    KeyPair key = Csr.newKey();
    X509Certificate first = enrol(id, token, Csr.of(key)).certificates().get(0);
    assertThat(enrol(id, token, Csr.of(key)).certificates().get(0)).isEqualTo(first);
    Client device = Client.with(service.endpoints(), key, first);
    String next = Csr.of(Csr.newKey()).base64();
    X509Certificate renewed = device.renew(next).certificates().get(0);
    assertThat(renewed).isNotEqualTo(first);
    assertThat(device.renew(next).certificates().get(0)).isEqualTo(renewed);
  }

  @Test
  void newGrantWithdrawsTheOneBefore() {
    String id = newDevice();
    String first = grant(id);
    String second = grant(id);
    assertThat(enrol(id, first, Csr.of(Csr.newKey())).reason()).isEqualTo(Reason.TOKEN_EXPIRED);
    assertThat(enrol(id, second, Csr.of(Csr.newKey())).status()).isEqualTo(200);
  }

  @Test
  void keyOfAnotherDeviceIsRefused() {
    KeyPair key = Csr.newKey();
    enrolled(newDevice(), key);
    String other = newDevice();
    assertThat(enrol(other, grant(other), Csr.of(key)).reason())
        .isEqualTo(Reason.KEY_BOUND_TO_OTHER_DEVICE);
  }

  @Test
  void labelMustBeTheGrantedProfile() {
    String id = newDevice();
    String token = grant(id);
    String body = Csr.of(Csr.newKey()).base64();
    assertThat(anyone.enrol("/gateway/simpleenroll", id, token, body).reason())
        .isEqualTo(Reason.PROFILE_UNKNOWN);
    assertThat(anyone.enrol("/nonsense/simpleenroll", id, token, body).reason())
        .isEqualTo(Reason.PROFILE_UNKNOWN);
    assertThat(anyone.enrol("/sensor/simpleenroll", id, token, body).status()).isEqualTo(200);
  }

  @Test
  void deviceRenewsWithItsCertificateWithSameOrNewKey() {
    String id = newDevice();
    KeyPair key = Csr.newKey();
    Client device = Client.with(service.endpoints(), key, enrolled(id, key));
    for (KeyPair next : List.of(key, Csr.newKey())) {
      X509Certificate renewed =
          device
              .post("/.well-known/est/simplereenroll", Csr.of(next).subject("CN=" + id).base64())
              .certificates()
              .get(0);
      assertThat(renewed.getPublicKey()).isEqualTo(next.getPublic());
      assertThat(renewed.getSubjectX500Principal().getName()).startsWith("CN=" + id + ",");
    }
  }

  @Test
  void renewalCannotTakeAnothersName() {
    String id = newDevice();
    KeyPair key = Csr.newKey();
    Client device = Client.with(service.endpoints(), key, enrolled(id, key));
    Answer answer =
        device.post("/.well-known/est/simplereenroll", Csr.of(key).subject("CN=other").base64());
    assertThat(answer.reason()).isEqualTo(Reason.CSR_NAME_MISMATCH);
  }

  @Test
  void renewalNeedsAGoodDeviceCertificate() {
    String body = Csr.of(Csr.newKey()).base64();
    String path = "/.well-known/est/simplereenroll";
    assertThat(anyone.post(path, body).reason()).isEqualTo(Reason.CERTIFICATE_MISSING);
    assertThat(operator.post(path, body).reason()).isEqualTo(Reason.ROLE_MISSING);
    TestCa impostor = TestCa.root("Guardbee Issuing CA,O=Guardbee").device("est-1");
    Answer foreign = Client.with(service.endpoints(), impostor).post(path, body);
    assertThat(foreign.status()).isEqualTo(403);
    assertThat(foreign.reason()).isEqualTo(Reason.CERTIFICATE_UNTRUSTED);
  }

  @Test
  void certificateThatHasEndedRenewsNothingAfterItsGrace() {
    String id = newDevice();
    String token =
        operator
            .post("/v1/devices/" + id + "/grants", "{\"profile\":\"blink\"}")
            .json()
            .path("token")
            .asString();
    KeyPair key = Csr.newKey();
    X509Certificate shortLived = enrol(id, token, Csr.of(key)).certificates().get(0);
    Awaitility.await()
        .until(() -> Instant.now().isAfter(shortLived.getNotAfter().toInstant().plusSeconds(1)));
    Answer answer =
        Client.with(service.endpoints(), key, shortLived)
            .post("/.well-known/est/simplereenroll", Csr.of(key).base64());
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.reason()).isEqualTo(Reason.CERTIFICATE_EXPIRED);
  }

  @Test
  void revokedDeviceRenewsNothingAndItsKeyIsBurnt() {
    String id = newDevice();
    KeyPair key = Csr.newKey();
    Client device = Client.with(service.endpoints(), key, enrolled(id, key));
    operator.post("/v1/devices/" + id + "/revocation", "{\"reason\":\"keyCompromise\"}");
    assertThat(device.post("/.well-known/est/simplereenroll", Csr.of(key).base64()).reason())
        .isEqualTo(Reason.CERTIFICATE_REVOKED);
    String token = grant(id);
    assertThat(enrol(id, token, Csr.of(key)).reason()).isEqualTo(Reason.KEY_REVOKED);
    assertThat(enrol(id, token, Csr.of(Csr.newKey())).status()).isEqualTo(200);
  }

  @Test
  void onlyOneOfManyRequestsWithOneTokenWins() {
    String id = newDevice();
    String token = grant(id);
    List<Integer> answers =
        Stream.generate(() -> Csr.of(Csr.newKey()))
            .limit(8)
            .parallel()
            .map(csr -> enrol(id, token, csr).status())
            .toList();
    assertThat(answers).containsOnlyOnce(200).allMatch(status -> status == 200 || status == 403);
  }
}
