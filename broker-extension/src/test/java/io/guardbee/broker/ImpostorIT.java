package io.guardbee.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.awaitility.Awaitility;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Somebody with the service's TLS key, or a broker's, stands where the service was: the node
 * follows nothing that the operations CA has not signed for it.
 */
class ImpostorIT {

  /** Lets everybody publish everything. */
  private static final String OPEN_POLICY =
      """
      version: 1
      rules:
        - name: all
          when: { issuer: issuing }
          clientId: "${subject.CN}"
          allow:
            - publish: "#"
            - subscribe: "#"
      """;

  @TempDir Path home = Path.of("");
  private final Pki pki = Pki.make();
  private final TestCa revoked = pki.device("d-bad", "sensor");
  private final TestCa good = pki.device("d-good", "sensor");

  @BeforeEach
  void prepare() throws IOException {
    pki.writeHome(home);
    DoorIT.writePolicy(home, DoorIT.POLICY);
  }

  private int connect(BrokerProcess broker, TestCa own, String id) throws IOException {
    // TLS 1.2: a refusal by the handshake shows in the handshake
    try (RawMqtt raw = new RawMqtt(pki.insistentContext(own), broker.port(), "TLSv1.2")) {
      return raw.connect(id);
    } catch (javax.net.ssl.SSLException e) {
      return MqttReturnCode.RETURN_CODE_NOT_AUTHORIZED;
    }
  }

  private void assertNothingChanged(BrokerProcess broker) throws IOException, MqttException {
    assertThat(connect(broker, revoked, "d-bad")).isNotZero();
    try (Device device = Device.connect("d-good", pki.context(good), broker.port())) {
      assertThat(device.publish("devices/d-good/telemetry/x")).isZero();
      assertThat(device.publish("devices/d-other/telemetry/x")).isNotZero();
    }
  }

  @Test
  void impostorWithAnEmptyStatusAndItsOwnPolicyIsNotFollowed() throws Exception {
    FeedServer genuine = new FeedServer(pki);
    int port = genuine.port();
    try (BrokerProcess broker = BrokerProcess.startAndFollow(home, genuine.url())) {
      genuine.awaitAcknowledged(genuine.revoke("d-bad", revoked));
      genuine.stop();
      List<TestCa> keys =
          List.of(
              pki.operations().server("CN=service,OU=server"),
              pki.operations().server("CN=broker-1,OU=broker,O=Acme"),
              pki.issuing());
      for (TestCa key : keys) {
        try (FeedServer impostor = new FeedServer(pki, port).following(genuine).signingWith(key)) {
          impostor.policy(1, "enforce", OPEN_POLICY);
          // it was refused, and is tried again
          Awaitility.await().until(() -> impostor.requests().size() > 1);
          assertNothingChanged(broker);
        }
      }
      broker.awaitLine("is refused, what is in force stays", "is no operations CA");
      try (FeedServer another = new FeedServer(pki, port)) { // well signed, such as a copied home
        broker.awaitLine("is refused, what is in force stays", another.feed());
        another.policy(1, "enforce", OPEN_POLICY);
        assertNothingChanged(broker);
      }
      try (FeedServer restored = new FeedServer(pki, port).following(genuine)) {
        restored.awaitAcknowledged(restored.revoke("d-good", good));
        assertThat(connect(broker, good, "d-good")).isNotZero();
        assertThat(connect(broker, revoked, "d-bad")).as("as the restored one says").isZero();
      }
    }
  }

  @Test
  void operationsAuthorityIsNoIssuingOneWhoeverSaysSo() throws Exception {
    TestCa operator = pki.operations().client("CN=d-operator,OU=sensor,O=Acme");
    List<X509Certificate> root = List.of(pki.root().certificate());
    try (FeedServer feed = new FeedServer(pki);
        BrokerProcess broker = BrokerProcess.startAndFollow(home, feed.url())) {
      feed.awaitAcknowledged(
          feed.tellTrust(
              root, List.of(pki.issuing().certificate(), pki.operations().certificate())));
      broker.awaitLine("authorities told by the service are refused", "no issuing CA");
      assertThat(connect(broker, operator, "d-operator")).isNotZero();
      assertThat(connect(broker, good, "d-good")).isZero();
    }
  }

  @Test
  void revokedAuthorityStaysOutAfterARestartThoughAnImpostorTellsItAgain() throws Exception {
    TestCa retired = pki.root().authority("issuing");
    TestCa device = retired.client("CN=d-retired,OU=sensor,O=Acme");
    List<X509Certificate> root = List.of(pki.root().certificate());
    List<X509Certificate> both = List.of(pki.issuing().certificate(), retired.certificate());
    try (FeedServer feed = new FeedServer(pki)) {
      try (BrokerProcess broker = BrokerProcess.startAndFollow(home, feed.url())) {
        feed.awaitAcknowledged(feed.tellTrust(root, both));
        assertThat(connect(broker, device, "d-retired")).isZero();
        pki.records().revoke(retired);
        feed.awaitAcknowledged(feed.tellTrust(root, List.of(pki.issuing().certificate())));
        assertThat(connect(broker, device, "d-retired")).isNotZero();
      }
      try (BrokerProcess broker = BrokerProcess.startAndFollow(home, feed.url())) {
        feed.awaitAcknowledged(feed.tellTrust(root, both));
        broker.awaitLine("authorities told by the service are refused", "is revoked by the root");
        assertThat(connect(broker, device, "d-retired")).isNotZero();
        assertThat(connect(broker, good, "d-good")).isZero();
      }
    }
  }
}
