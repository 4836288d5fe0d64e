package io.guardbee.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.TokenKey;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Serial;
import io.guardbee.testing.TestCa;
import io.guardbee.testing.TestToken;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the listener presents, and how that changes under its connections. */
class ListenerCertificateIT {

  private static final String NOWHERE = "https://localhost:9";
  private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

  @TempDir Path home = Path.of("");
  private Pki pki = Pki.make();

  @BeforeEach
  void prepare() throws IOException {
    pki.writeHome(home);
    Files.delete(Pki.listener(home)); // these tests are about how it is had
    DoorIT.writePolicy(home, DoorIT.POLICY);
  }

  /** A handshake of a new client that trusts the root only. */
  private X509Certificate presented(int port) throws IOException {
    try (SSLSocket socket =
        (SSLSocket)
            pki.context(pki.device("d-look", "sensor"))
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), port)) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  private X509Certificate presented(BrokerProcess broker) throws IOException {
    return presented(broker.port());
  }

  private X509Certificate installed() throws IOException {
    return Pem.readCertificates(home.resolve("broker/conf/broker.pem")).get(0);
  }

  private void tlsKey(String uri) throws IOException {
    Files.writeString(
        home.resolve("broker/extensions/guardbee/conf/guardbee.yaml"),
        """
        node: broker-1
        service: https://localhost:8443
        identity: { certificate: ../../conf/broker.pem, key: ../../conf/broker.key }
        trust: { service: ../../../ca/root.pem, issuing: ../../../ca/issuing.pem }
        tls: { key: "%s" }
        policy: conf/policy.yaml
        """
            .formatted(uri));
  }

  @Test
  void withoutServiceAndCertificateNothingIsPresented() throws Exception {
    try (BrokerProcess broker = BrokerProcess.start(home, NOWHERE)) {
      broker.awaitLine("MQTT listeners have nothing to present until");
      assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> presented(broker)))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void shortLivedCertificateIsThereFromTheFirstHandshakeOn() throws Exception {
    try (FeedServer feed = new FeedServer(pki);
        BrokerProcess broker = BrokerProcess.start(home, feed.url())) {
      X509Certificate certificate = presented(broker);
      assertThat(certificate.getSubjectX500Principal())
          .isEqualTo(installed().getSubjectX500Principal());
      assertThat(certificate.getPublicKey()).isNotEqualTo(installed().getPublicKey());
      assertThat(installed().getExtendedKeyUsage()).doesNotContain(SERVER_AUTH);
      assertThat(certificate.getExtendedKeyUsage()).containsExactly(SERVER_AUTH);
      broker.awaitLine(
          "MQTT listeners present certificate " + Serial.of(certificate), "a key of its own");
    }
  }

  @Test
  void renewalChangesKeyAndCertificateAndNoConnectionIsDropped() throws Exception {
    try (FeedServer feed = new FeedServer(pki)) {
      feed.issueFor(Duration.ofSeconds(20));
      try (BrokerProcess broker = BrokerProcess.startAndFollow(home, feed.url());
          Device device =
              Device.connect(
                  "d-stay", pki.context(pki.device("d-stay", "sensor")), broker.port())) {
        X509Certificate first = presented(broker);
        Awaitility.await()
            .untilAsserted(
                () ->
                    assertThat(presented(broker).getPublicKey())
                        .isNotEqualTo(first.getPublicKey()));
        assertThat(device.isConnected()).isTrue();
        assertThat(device.publish("devices/d-stay/telemetry/temp")).isZero();
      }
    }
  }

  @Test
  void keyAndCertificateOutliveARestartWithoutTheService() throws Exception {
    X509Certificate first;
    try (FeedServer feed = new FeedServer(pki);
        BrokerProcess broker = BrokerProcess.start(home, feed.url())) {
      first = presented(broker);
    }
    assertThat(Files.getPosixFilePermissions(Pki.listener(home)))
        .isEqualTo(java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
    int port;
    try (FeedServer feed = new FeedServer(pki)) {
      port = feed.port();
    }
    try (BrokerProcess broker = BrokerProcess.start(home, "https://localhost:" + port)) {
      assertThat(presented(broker)).isEqualTo(first);
    }
  }

  @Test
  void keptCertificateWithOtherNamesThanTheIdentityIsReplacedAsSoonAsTheServiceAnswers()
      throws Exception {
    TestCa former =
        TestCa.draft("CN=broker-1,OU=broker,O=Acme")
            .purpose(KeyPurposeId.id_kp_serverAuth)
            .signedBy(pki.operations());
    io.guardbee.files.SafeFiles.writeSecret(
        Pki.listener(home), Pem.privateKey(former.key()) + Pem.certificates(former.chain()));
    try (FeedServer feed = new FeedServer(pki);
        BrokerProcess broker = BrokerProcess.start(home, feed.url())) {
      Awaitility.await()
          .untilAsserted(() -> assertThat(presented(broker)).isNotEqualTo(former.certificate()));
    }
  }

  @Test
  void keyStaysInItsModuleAndItsCertificateOutlivesARestartWithoutTheService() throws Exception {
    String label = TestToken.label("listener");
    tlsKey(TestToken.uri().withObject(label).toString());
    X509Certificate first;
    try (FeedServer feed = new FeedServer(pki);
        BrokerProcess broker = BrokerProcess.startAndFollow(home, feed.url());
        Token token = TestToken.open();
        Device device =
            Device.connect("d-hsm", pki.context(pki.device("d-hsm", "sensor")), broker.port())) {
      first = presented(broker);
      TokenKey key = token.find(label).orElseThrow();
      assertThat(token.isConfined(key)).isTrue();
      assertThat(first.getPublicKey()).isEqualTo(key.publicKey());
      assertThat(device.publish("devices/d-hsm/telemetry/temp")).isZero();
      broker.awaitLine("MQTT listeners present", "the key in its module");
    }
    try (BrokerProcess broker = BrokerProcess.start(home, NOWHERE)) {
      assertThat(presented(broker)).isEqualTo(first);
    }
    try (Token token = TestToken.open()) {
      token.destroy(token.find(label).orElseThrow());
    }
  }

  @Test
  void certificateOfAKeyInAModuleIsRenewedUnderItsConnections() throws Exception {
    String label = TestToken.label("listener");
    tlsKey(TestToken.uri().withObject(label).toString());
    try (FeedServer feed = new FeedServer(pki)) {
      feed.issueFor(Duration.ofSeconds(20));
      try (BrokerProcess broker = BrokerProcess.startAndFollow(home, feed.url());
          Device device =
              Device.connect("d-hsm", pki.context(pki.device("d-hsm", "sensor")), broker.port())) {
        X509Certificate first = presented(broker);
        Awaitility.await().untilAsserted(() -> assertThat(presented(broker)).isNotEqualTo(first));
        assertThat(presented(broker).getPublicKey()).isEqualTo(first.getPublicKey());
        assertThat(device.publish("devices/d-hsm/telemetry/temp")).isZero();
      }
    }
    try (Token token = TestToken.open()) {
      token.destroy(token.find(label).orElseThrow());
    }
  }

  @Test
  void withoutServiceAndCertificateAKeyInAModulePresentsNothingRatherThanAnother()
      throws Exception {
    String label = TestToken.label("listener");
    tlsKey(TestToken.uri().withObject(label).toString());
    try (BrokerProcess broker = BrokerProcess.start(home, NOWHERE)) {
      broker.awaitLine("MQTT listeners have nothing to present until");
      assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> presented(broker)))
          .isInstanceOf(IOException.class);
    }
    try (Token token = TestToken.open()) {
      token.destroy(token.find(label).orElseThrow());
    }
  }

  private void assertRefused(String uri, String... parts) throws IOException {
    tlsKey(uri);
    try (BrokerProcess broker = BrokerProcess.launch(home, NOWHERE)) {
      assertThat(broker.awaitExit()).isEqualTo(1);
      broker.awaitLine(parts);
      assertThat(broker.output()).noneMatch(line -> line.startsWith("\tat "));
    }
  }

  @Test
  void wrongTokenModulePinOrFormRefusesTheStartWithTheReason() throws Exception {
    Path wrong = home.resolve("wrong.pin");
    io.guardbee.files.SafeFiles.writeSecret(wrong, "0000\n");
    assertRefused("/etc/broker.key", "error: ", "configuration-invalid", "at tls", "pkcs11:");
    assertRefused(TestToken.uri().toString(), "error: ", "configuration-invalid", "object");
    assertRefused(
        TestToken.uri().withObject("x").toString().replace("guardbee-test", "nowhere"),
        "error: ",
        "key-missing",
        "nowhere");
    assertRefused(
        TestToken.uri().withObject("x").withModulePath(Path.of("/nonexistent.so")).toString(),
        "error: ",
        "module-missing",
        "/nonexistent.so");
    assertRefused(
        TestToken.uri().withObject("x").withPinSource(home.resolve("no.pin")).toString(),
        "error: ",
        "no.pin");
  }

  @Test
  void droppedIntoAnyHiveMqTheZipGivesTheKeyToo() throws Exception {
    String label = TestToken.label("listener");
    tlsKey(TestToken.uri().withObject(label).toString());
    try (FeedServer feed = new FeedServer(pki)) {
      int port;
      try (BrokerProcess first = BrokerProcess.startAndFollow(home, feed.url())) {
        port = first.port();
      }
      try (PlainHiveMq hive =
              PlainHiveMq.start(home.resolve("broker"), "-Dguardbee.service=" + feed.url());
          Token token = TestToken.open()) {
        TokenKey key = token.find(label).orElseThrow();
        Awaitility.await()
            .ignoreExceptions()
            .until(() -> presented(port).getPublicKey().equals(key.publicKey()));
        assertThat(hive.isAlive()).isTrue();
        token.destroy(key);
      }
    }
  }
}
