package io.guardbee.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.awaitility.Awaitility;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node knows when it comes back, and when the service does not answer. */
class RestartIT {

  private static final String NOWHERE = "https://localhost:9";
  private static final int SERVER_UNAVAILABLE = MqttReturnCode.RETURN_CODE_SERVER_UNAVAILABLE;

  @TempDir Path home = Path.of("");
  private Pki pki = Pki.make();

  @BeforeEach
  void prepare() throws IOException {
    pki.writeHome(home);
    DoorIT.writePolicy(home, DoorIT.POLICY);
  }

  private int connect(BrokerProcess broker, TestCa own, String id) throws IOException {
    return connect(broker.port(), own, id);
  }

  private int connect(int port, TestCa own, String id) throws IOException {
    // TLS 1.2: a refusal by the handshake shows in the handshake
    try (RawMqtt raw = new RawMqtt(pki.context(own), port, "TLSv1.2")) {
      return raw.connect(id);
    } catch (javax.net.ssl.SSLException e) {
      return MqttReturnCode.RETURN_CODE_NOT_AUTHORIZED;
    }
  }

  @Test
  void revokedStaysOutAfterAPowerCutWithTheServiceDown() throws Exception {
    TestCa good = pki.device("d-good", "sensor");
    TestCa bad = pki.device("d-bad", "sensor");
    try (FeedServer feed = new FeedServer(pki);
        BrokerProcess broker = BrokerProcess.startAndFollow(home, feed.url())) {
      feed.awaitAcknowledged(feed.revoke("d-bad", bad));
      broker.kill();
    }
    try (BrokerProcess broker = BrokerProcess.start(home, NOWHERE)) {
      assertThat(connect(broker, good, "d-good")).isZero();
      assertThat(connect(broker, bad, "d-bad")).isNotZero();
      broker.awaitLine("refused TLS handshake of d-bad", "certificate-revoked");
    }
  }

  @Test
  void followsOnFromTheLastEventAfterARestart() throws Exception {
    TestCa later = pki.device("d-later", "sensor");
    try (FeedServer feed = new FeedServer(pki)) {
      try (BrokerProcess broker = BrokerProcess.startAndFollow(home, feed.url())) {
        feed.awaitAcknowledged(feed.revoke("d-1", pki.device("d-1", "sensor")));
        assertThat(broker.terminate()).isZero();
      }
      long missed = feed.revoke("d-later", later);
      try (BrokerProcess broker = BrokerProcess.start(home, feed.url())) {
        feed.awaitAcknowledged(missed);
        broker.awaitLine("broker is ready on");
        assertThat(feed.requests().get(1)).matches(".*feed=[0-9a-f-]{36}&after=1");
        assertThat(connect(broker, later, "d-later")).isNotZero();
      }
    }
  }

  @Test
  void nobodyComesInBeforeTheFirstStatus() throws Exception {
    try (BrokerProcess broker = BrokerProcess.start(home, NOWHERE)) {
      assertThat(connect(broker, pki.device("d-1", "sensor"), "d-1")).isEqualTo(SERVER_UNAVAILABLE);
      broker.awaitLine("refused CONNECT of d-1", "status-stale");
      assertThat(broker.has("broker listens on", NOWHERE, "no device is admitted")).isTrue();
      assertThat(broker.has("broker is ready")).isFalse();
    }
  }

  /** Neither lets anybody in, whatever else is known, until the service has told it again. */
  @Test
  void lostEndOfTheJournalAndLostPolicyKeepAllOutUntilTheyAreToldAgain() throws Exception {
    TestCa bad = pki.device("d-bad", "sensor");
    TestCa good = pki.device("d-good", "sensor");
    Path folder = home.resolve("broker/data/guardbee");
    int port;
    int servicePort;
    try (FeedServer feed = new FeedServer(pki)) {
      servicePort = feed.port();
      try (BrokerProcess broker = BrokerProcess.startAndFollow(home, feed.url())) {
        port = broker.port();
        feed.policy(3, "enforce", DoorIT.POLICY);
        feed.awaitAcknowledged(feed.revoke("d-bad", bad));
        broker.kill();
      }
      Path journal = folder.resolve("status.journal.1");
      byte[] octets = Files.readAllBytes(journal);
      Files.write(journal, Arrays.copyOf(octets, octets.length - 10));
      try (BrokerProcess broker = launch(NOWHERE, port)) {
        broker.awaitLine("status in", "event 2 in status.journal.1 had been acknowledged");
        awaitConnect(SERVER_UNAVAILABLE, port, bad, "d-bad");
        awaitConnect(SERVER_UNAVAILABLE, port, good, "d-good");
        broker.kill();
      }
      Files.write(journal, octets);
      Files.delete(folder.resolve("policy.json"));
      feed.stop();
      try (BrokerProcess broker = launch("https://localhost:" + servicePort, port)) {
        broker.awaitLine("no new connections", "policy version 3 had been told", "policy.json");
        awaitConnect(SERVER_UNAVAILABLE, port, good, "d-good");
        broker.awaitLine("refused CONNECT of d-good", "policy-not-applied");
        try (FeedServer again = new FeedServer(pki, servicePort).following(feed)) {
          awaitConnect(0, port, good, "d-good");
          assertThat(again.requests()).isNotEmpty();
        }
      }
    }
  }

  /** One that may not say that it is ready. */
  private BrokerProcess launch(String service, int port) {
    return BrokerProcess.launch(home, service, String.valueOf(port));
  }

  private void awaitConnect(int code, int port, TestCa own, String id) {
    Awaitility.await().ignoreExceptions().until(() -> connect(port, own, id) == code);
  }

  @Test
  void staleStatusKeepsNewConnectionsOutAndLetsThemInAgain() throws Exception {
    TestCa good = pki.device("d-good", "sensor");
    try (FeedServer feed = new FeedServer(pki)) {
      BrokerProcess.startAndFollow(home, feed.url()).close();
      Path settings = home.resolve("broker/extensions/guardbee/conf/guardbee.yaml");
      Files.writeString(settings, Files.readString(settings).replace("PT24H", "PT3S"));
      int port = feed.port();
      try (BrokerProcess broker = BrokerProcess.startAndFollow(home, feed.url());
          Device before = Device.connect("d-good", pki.context(good), broker.port())) {
        feed.stop();
        Awaitility.await().until(() -> connect(broker, pki.device("d-2", "sensor"), "d-2") != 0);
        broker.awaitLine("refused CONNECT of d-2", "status-stale");
        assertThat(before.isConnected()).as("existing connections stay").isTrue();
        try (FeedServer again = new FeedServer(pki, port).following(feed)) {
          Awaitility.await().until(() -> connect(broker, pki.device("d-3", "sensor"), "d-3") == 0);
          assertThat(again.requests()).isNotEmpty();
        }
      }
    }
  }

  @Test
  void homeHoldsItsSecretsForTheOwnerOnlyAndKeepsWhatTheOperatorWrote() throws Exception {
    try (FeedServer feed = new FeedServer(pki)) {
      BrokerProcess.startAndFollow(home, feed.url()).close();
    }
    for (String secret : new String[] {"config.xml", "listener.p12"}) {
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(home.resolve("broker/conf").resolve(secret))))
          .isEqualTo("rw-------");
    }
    assertThat(home.resolve("broker/extensions/guardbee/conf/policy.yaml"))
        .hasContent(DoorIT.POLICY);
  }
}
