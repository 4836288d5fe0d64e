package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code POST /v1/broker/certificate}. */
class BrokerCertificateTest {

  private static final String PATH = "/v1/broker/certificate";

  @TempDir private static Path directory;
  private static RunningService service;

  @BeforeAll
  static void start() throws IOException {
    service = RunningService.start(directory.resolve("home"));
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static String pem(Csr csr) {
    return Pem.block("CERTIFICATE REQUEST", csr.der());
  }

  private static X509Certificate broker() throws IOException {
    return Pem.readCertificates(service.home().broker().resolve("conf/broker.pem")).get(0);
  }

  private static List<X509Certificate> issued(String body) {
    Client.Answer answer = Client.broker(service).post(PATH, body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.raw().headers().firstValue("content-type"))
        .hasValueSatisfying(
            type -> assertThat(type).startsWith("application/pem-certificate-chain"));
    return Pem.parseCertificates(answer.body());
  }

  @Test
  void brokerGetsItsOwnNamesForAnyKeyOfItsChoice() throws Exception {
    for (KeyPair key : List.of(Csr.newKey(), Csr.newKey("secp384r1"), Csr.newRsaKey(2048))) {
      List<X509Certificate> chain = issued(pem(Csr.of(key)));
      X509Certificate leaf = chain.get(0);
      assertThat(leaf.getPublicKey()).isEqualTo(key.getPublic());
      assertThat(leaf.getSubjectX500Principal()).isEqualTo(broker().getSubjectX500Principal());
      assertThat(leaf.getSubjectAlternativeNames())
          .isNotEmpty()
          .containsExactlyInAnyOrderElementsOf(broker().getSubjectAlternativeNames());
      assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
      assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
      assertThat(leaf.getNotAfter().toInstant())
          .isBetween(
              Instant.now().plus(Duration.ofDays(6)), Instant.now().plus(Duration.ofDays(7)));
      leaf.verify(chain.get(1).getPublicKey());
    }
  }

  @Test
  void namesInTheRequestCountForNothing() throws Exception {
    Csr csr =
        Csr.of(Csr.newKey()).subject("CN=evil,OU=operator").alternativeName("evil.example.com");
    X509Certificate leaf = issued(pem(csr)).get(0);
    assertThat(leaf.getSubjectX500Principal()).isEqualTo(broker().getSubjectX500Principal());
    assertThat(leaf.getSubjectAlternativeNames().toString()).doesNotContain("evil");
  }

  @Test
  void sameKeyMayBeCertifiedAgain() {
    KeyPair key = Csr.newKey();
    assertThat(issued(pem(Csr.of(key))).get(0)).isNotEqualTo(issued(pem(Csr.of(key))).get(0));
  }

  @Test
  void listenerCertificateOpensNoDoorAtTheService() {
    KeyPair key = Csr.newKey();
    Client impostor = Client.with(service.endpoints(), key, issued(pem(Csr.of(key))).get(0));
    Client.Answer answer = impostor.post(PATH, pem(Csr.of(key)));
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.reason()).isEqualTo(Reason.CERTIFICATE_PURPOSE_WRONG);
  }

  @Test
  void onlyBrokersMayAsk() {
    KeyPair key = Csr.newKey();
    String token =
        Client.operator(service.endpoints())
            .post("/v1/devices/d-1/grants", "")
            .json()
            .path("token")
            .asString();
    X509Certificate device =
        Client.anonymous(service.endpoints())
            .enrol("/simpleenroll", "d-1", token, Csr.of(key).base64())
            .certificates()
            .get(0);
    String body = pem(Csr.of(Csr.newKey()));
    for (Client other :
        List.of(
            Client.operator(service.endpoints()), Client.with(service.endpoints(), key, device))) {
      Client.Answer answer = other.post(PATH, body);
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.reason()).isEqualTo(Reason.ROLE_MISSING);
    }
    assertThat(Client.anonymous(service.endpoints()).post(PATH, body).reason())
        .isEqualTo(Reason.CERTIFICATE_MISSING);
  }

  @Test
  void whatIsNoGoodRequestIsRefusedWithTheReason() {
    Csr good = Csr.of(Csr.newKey());
    String text = pem(good);
    assertThat(refusal("hello")).isEqualTo(Reason.REQUEST_MALFORMED);
    assertThat(refusal("")).isEqualTo(Reason.REQUEST_MALFORMED);
    assertThat(refusal(Pem.block("CERTIFICATE REQUEST", "x".getBytes(StandardCharsets.US_ASCII))))
        .isEqualTo(Reason.CSR_MALFORMED);
    assertThat(refusal("0" + text)).isEqualTo(Reason.CSR_MALFORMED);
    assertThat(refusal(pem(Csr.of(Csr.newKey()).signedBy(Csr.newKey()))))
        .isEqualTo(Reason.CSR_SIGNATURE_INVALID);
    assertThat(refusal(pem(Csr.of(Csr.newKey()).asksForAuthority())))
        .isEqualTo(Reason.CSR_CA_REQUESTED);
    assertThat(refusal(pem(Csr.of(Csr.newRsaKey(1024))))).isEqualTo(Reason.KEY_WEAK);
  }

  private static Reason refusal(String body) {
    Client.Answer answer = Client.broker(service).post(PATH, body);
    assertThat(answer.status()).isBetween(400, 499);
    return answer.reason();
  }
}
