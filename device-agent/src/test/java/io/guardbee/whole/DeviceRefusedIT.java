package io.guardbee.whole;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.agent.device.DeviceAgent;
import io.guardbee.agent.enrol.EnrolToken;
import io.guardbee.agent.enrol.EstClient;
import io.guardbee.agent.enrol.SigningRequest;
import io.guardbee.agent.mqtt.Message;
import io.guardbee.agent.mqtt.MqttConnection;
import io.guardbee.agent.trust.ClientIdentity;
import io.guardbee.agent.trust.ServerTrust;
import io.guardbee.launch.Guardbee;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import javax.security.auth.x500.X500Principal;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All that a device can get wrong, or try: one clear line, and nothing changed. */
class DeviceRefusedIT {

  private final Path home;

  DeviceRefusedIT(@TempDir Path home) {
    this.home = home;
  }

  @Test
  void wrongTokenIsRefusedAndTheRightOneStillServes() {
    DeviceId id = Whole.device("d");
    String right = Whole.grant(id, "sensor");

    Guardbee.Result refused = enroll(id, "not-the-token");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.complaint()).startsWith("error: token-wrong: ");
    assertThat(refused.err()).doesNotContain("not-the-token", "\tat ");
    assertThat(Whole.show(Whole.here(), id).path("status").asString()).isEqualTo("granted");

    Whole.done(enroll(id, right));
  }

  @Test
  void usedTokenIsRefused() throws IOException {
    DeviceId id = Whole.device("d");
    String token = Whole.grant(id, "sensor");
    Whole.enrolled(Whole.endpoints(), home, id, token).close();

    Guardbee.Result refused = enroll(id, token);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.complaint()).startsWith("error: token-used: ");
    assertThat(Whole.show(Whole.here(), id).path("certificates")).hasSize(1);
  }

  @Test
  void tokenOfAnotherDeviceIsRefused() {
    String others = Whole.grant(Whole.device("d"), "sensor");
    DeviceId id = Whole.device("d");
    Whole.grant(id, "sensor");
    assertThat(enroll(id, others).complaint()).startsWith("error: token-wrong: ");
  }

  @Test
  void deviceWithoutAGrantIsRefused() {
    assertThat(enroll(Whole.device("d"), "any-token").complaint()).contains("error: token-");
  }

  @Test
  void wrongFingerprintSendsNothing() {
    DeviceId id = Whole.device("d");
    String token = Whole.grant(id, "sensor");
    Guardbee.Result refused =
        Whole.here()
            .runWithInput(
                token,
                "agent",
                "enroll",
                "--id",
                id.value(),
                "--token-file",
                "-",
                "--ca-fingerprint",
                "sha256:" + "0".repeat(64));
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.complaint())
        .startsWith("error: certificate-untrusted: ")
        .contains("nothing was sent");
    Whole.done(enroll(id, token));
  }

  @Test
  void requestForAnotherNameIsRefused() throws Exception {
    DeviceId id = Whole.device("d");
    String token = Whole.grant(id, "sensor");
    KeyPair keys = KeyPairGenerator.getInstance("EC").generateKeyPair();
    SigningRequest request =
        SigningRequest.sign(
            new X500Principal("CN=somebody-else"), keys.getPublic(), keys.getPrivate());
    assertRefused(
        () ->
            new EstClient(Whole.endpoints().https(), trust().service())
                .enroll(id, new EnrolToken(token), request),
        Reason.CSR_NAME_MISMATCH);
  }

  @Test
  void clientIdOfAnotherDeviceIsRefused() throws IOException {
    try (DeviceAgent agent = enrolled("d")) {
      assertRefused(
          () -> agent.connect("d-of-somebody-else", true, new Heard()), Reason.CLIENT_ID_MISMATCH);
    }
  }

  @Test
  void topicsOfAnotherDeviceAreRefused() throws IOException {
    DeviceId id = Whole.device("d");
    String token = Whole.grant(id, "sensor");
    try (DeviceAgent agent = Whole.enrolled(Whole.endpoints(), home, id, token)) {
      try (MqttConnection connection = agent.connect(true, new Heard())) {
        assertRefused(
            () -> connection.publish(new Message("devices/other/telemetry/t", new byte[1], 1)),
            Reason.TOPIC_NOT_ALLOWED);
      }
      try (MqttConnection connection = agent.connect(true, new Heard())) {
        assertRefused(
            () -> connection.subscribe("devices/other/commands/#"), Reason.TOPIC_NOT_ALLOWED);
      }
    }
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(Whole.done(Whole.here().run("device", "explain", id.value())).out())
                    .contains(
                        "publish devices/other/telemetry/... at ",
                        "subscribe devices/other/commands/... at ",
                        "uncovered: nothing in the policy allows it: 1 time, at "));
  }

  @Test
  void certificateOfAnotherAuthorityIsRefused() throws IOException {
    TestCa stranger = TestCa.root("Guardbee Root").authority("issuing").device("d-1");
    assertKeptOut("d-1", stranger);
  }

  @Test
  void expiredCertificateOfAnotherAuthorityWithOurNamesIsRefused() throws IOException {
    Instant longAgo = Instant.now().minus(Duration.ofDays(10));
    TestCa expired =
        TestCa.draft("CN=d-1,OU=sensor")
            .valid(longAgo, longAgo.plus(Duration.ofDays(1)))
            .purpose(KeyPurposeId.id_kp_clientAuth)
            .signedBy(TestCa.root().authority("issuing"));
    assertKeptOut("d-1", expired);
  }

  @Test
  void operatorsCertificateDoesNotOpenTheBroker() throws Exception {
    byte[] der = Pem.der("PRIVATE KEY", Files.readString(Whole.endpoints().operatorKey()));
    var key =
        java.security.KeyFactory.getInstance("EC")
            .generatePrivate(new java.security.spec.PKCS8EncodedKeySpec(der));
    var identity = new ClientIdentity(key, Pem.readCertificates(Whole.endpoints().operatorCert()));
    assertRefused(() -> connect("operator", identity), Reason.CERTIFICATE_UNTRUSTED);
  }

  private void assertKeptOut(String clientId, TestCa with) throws IOException {
    ClientIdentity identity = new ClientIdentity(with.key(), with.chain());
    assertRefused(() -> connect(clientId, identity), Reason.CERTIFICATE_UNTRUSTED);
  }

  private static void connect(String clientId, ClientIdentity identity) throws IOException {
    MqttConnection.open(
            new MqttConnection.Settings(
                Whole.endpoints().mqtts(), clientId, trust().broker(identity), true),
            new Heard())
        .close();
  }

  private static ServerTrust trust() throws IOException {
    return new ServerTrust(Pem.readCertificates(Whole.endpoints().trust()).get(0));
  }

  private DeviceAgent enrolled(String prefix) throws IOException {
    DeviceId id = Whole.device(prefix);
    return Whole.enrolled(Whole.endpoints(), home, id, Whole.grant(id, "sensor"));
  }

  private static Guardbee.Result enroll(DeviceId id, String token) {
    return Whole.here()
        .runWithInput(token, "agent", "enroll", "--id", id.value(), "--token-file", "-");
  }

  private static void assertRefused(ThrowingCallable attempt, Reason reason) {
    assertThatThrownBy(attempt)
        .isInstanceOfSatisfying(
            RefusedException.class, e -> assertThat(e.reason()).as(e.line()).isEqualTo(reason));
  }
}
