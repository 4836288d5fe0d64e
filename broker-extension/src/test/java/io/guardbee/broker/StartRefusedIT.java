package io.guardbee.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.testing.SmallDisk;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps the broker, or its door, from starting; and that nobody gets in then. */
class StartRefusedIT {

  private static final String NOWHERE = "https://localhost:9";

  @TempDir Path home = Path.of("");
  private Pki pki = Pki.make();

  @BeforeEach
  void prepare() throws IOException {
    pki.writeHome(home);
  }

  private void assertRefused(String... parts) {
    try (BrokerProcess broker = BrokerProcess.launch(home, NOWHERE)) {
      assertThat(broker.awaitExit()).isEqualTo(1);
      broker.awaitLine(parts);
      assertThat(broker.output()).noneMatch(line -> line.startsWith("\tat "));
    }
  }

  private Path conf() throws IOException {
    Path conf = home.resolve("broker/extensions/guardbee/conf");
    Files.createDirectories(conf);
    return conf;
  }

  private void settings(String more) throws IOException {
    Files.writeString(
        conf().resolve("guardbee.yaml"),
        """
        node: broker-1
        service: https://localhost:8443
        identity: { certificate: ../../conf/broker.pem, key: ../../conf/broker.key }
        trust: { service: ../../../ca/root.pem, issuing: ../../../ca/issuing.pem }
        policy: conf/policy.yaml
        """
            + more);
  }

  @Test
  void unknownKeyIsRefusedWithFileKeyAndTheValidKeys() throws IOException {
    settings("polcy: x\n");
    assertRefused("error: ", "configuration-invalid", "guardbee.yaml", "\"polcy\"", "policy");
  }

  @Test
  void unknownKeyBelowIsRefusedWithItsPlace() throws IOException {
    settings("status: { maxStalenes: PT1H }\n");
    assertRefused("configuration-invalid", "at status", "\"maxStalenes\"", "maxStaleness");
  }

  @Test
  void policyThatFailsItsOwnTestsIsRefused() throws IOException {
    Files.writeString(
        conf().resolve("policy.yaml"),
        DoorIT.POLICY
            + """
            tests:
              - as: "CN=d-1,OU=sensor"
                mayNot: ["publish devices/d-1/telemetry/x"]
            """);
    assertRefused("policy-invalid", "mayNot publish devices/d-1/telemetry/x");
  }

  @Test
  void missingIdentitySendsToTheService() throws IOException {
    Files.delete(home.resolve("broker/conf/broker.pem"));
    assertRefused("broker.pem", "guardbee up", "service run");
  }

  @Test
  void portInUseIsOneClearLine() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      try (BrokerProcess broker = BrokerProcess.launch(home, NOWHERE, port)) {
        assertThat(broker.awaitExit()).isEqualTo(1);
        assertThat(broker.output()).hasSize(1);
        assertThat(broker.output().get(0)).startsWith("error: port-in-use").contains(port);
      }
    }
  }

  @Test
  void fullDiskIsOneClearLine() throws IOException {
    try (SmallDisk disk = SmallDisk.mount(home.resolve("disk"), 40)) {
      pki.writeHome(disk.directory());
      disk.fill(8);
      try (BrokerProcess broker = BrokerProcess.launch(disk.directory(), NOWHERE)) {
        assertThat(broker.awaitExit()).isEqualTo(1);
        assertThat(broker.output()).hasSize(1);
        assertThat(broker.output().get(0))
            .startsWith("error: storage-failed: no space left on device: 8 MiB free");
      }
    }
  }

  /** The zip in a HiveMQ that is run by its own main: nothing ends it when the door is missing. */
  private void assertNobodyGetsIn() throws Exception {
    try (FeedServer feed = new FeedServer(pki)) {
      int port;
      try (BrokerProcess first = BrokerProcess.startAndFollow(home, feed.url())) {
        port = first.port();
      }
      settings("unknown: true\n");
      try (PlainHiveMq hive = PlainHiveMq.start(home.resolve("broker"))) {
        Awaitility.await().until(() -> isListening(port) || !hive.isAlive());
        assertThat(hive.isAlive()).isTrue();
        assertNotIn(port);
      }
    }
  }

  private void assertNotIn(int port) throws IOException {
    try (RawMqtt raw = new RawMqtt(pki.context(pki.device("d-1", "sensor")), port, "TLSv1.2")) {
      assertThat(raw.connect("d-1")).isEqualTo(MqttReturnCode.RETURN_CODE_NOT_AUTHORIZED);
    } catch (javax.net.ssl.SSLException e) {
      // refused even before: what HiveMQ presents then is no server's certificate
      assertThat(e).hasMessageContaining("Extended key usage");
    }
  }

  private static boolean isListening(int port) {
    try (java.net.Socket socket = new java.net.Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void configurationErrorLeavesAHiveMqThatLetsNobodyIn() throws Exception {
    assertNobodyGetsIn();
  }

  @Test
  void disabledExtensionLeavesAHiveMqThatLetsNobodyIn() throws Exception {
    try (FeedServer feed = new FeedServer(pki)) {
      int port;
      try (BrokerProcess first = BrokerProcess.startAndFollow(home, feed.url())) {
        port = first.port();
        try (RawMqtt raw = new RawMqtt(pki.context(pki.device("d-1", "sensor")), port, "TLSv1.2")) {
          assertThat(raw.connect("d-1")).as("it was open").isZero();
        }
        // Community Edition looks at the file at its next start: the door stays as it is until then
        Files.createFile(home.resolve("broker/extensions/guardbee/DISABLED"));
        TestCa stranger = TestCa.root("Other").authority("issuing").device("d-2");
        assertThatThrownBy(() -> Device.connect("d-2", pki.context(stranger), port)).isNotNull();
      }
      try (PlainHiveMq hive = PlainHiveMq.start(home.resolve("broker"))) {
        Awaitility.await().until(() -> isListening(port) || !hive.isAlive());
        assertNotIn(port);
      }
    }
  }

  @Test
  void droppedIntoAnyHiveMqTheZipIsTheDoor() throws Exception {
    try (FeedServer feed = new FeedServer(pki)) {
      int port;
      try (BrokerProcess first = BrokerProcess.startAndFollow(home, feed.url())) {
        port = first.port();
      }
      try (PlainHiveMq hive =
          PlainHiveMq.start(home.resolve("broker"), "-Dguardbee.service=" + feed.url())) {
        Awaitility.await().until(() -> isListening(port) || !hive.isAlive());
        Awaitility.await()
            .untilAsserted(
                () -> {
                  try (RawMqtt raw =
                      new RawMqtt(pki.context(pki.device("d-1", "sensor")), port, "TLSv1.3")) {
                    assertThat(raw.connect("d-1")).isZero();
                  }
                });
        TestCa stranger = TestCa.root("Other").authority("issuing").device("d-1");
        assertThatThrownBy(() -> Device.connect("d-1", pki.context(stranger), port)).isNotNull();
      }
    }
  }

  /** Wherever the zip is dropped into: the listener is the operator's, the door is ours. */
  @Test
  void listenerThatAllowsOlderTlsLetsNobodyInByIt() throws Exception {
    try (FeedServer feed = new FeedServer(pki)) {
      int port;
      try (BrokerProcess first = BrokerProcess.startAndFollow(home, feed.url())) {
        port = first.port();
      }
      Path config = home.resolve("broker/conf/config.xml");
      Files.writeString(
          config,
          Files.readString(config)
              .replace("TLS_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"));
      TestCa own = pki.device("d-1", "sensor");
      OpenSsl openssl = new OpenSsl(home.resolve("ssl"), port, own, java.util.List.of());
      Path log = home.resolve("broker/log/hivemq.log");
      try (PlainHiveMq hive =
          PlainHiveMq.start(home.resolve("broker"), "-Dguardbee.service=" + feed.url())) {
        Awaitility.await().until(() -> isListening(port) || !hive.isAlive());
        openssl.connect("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256");
        Awaitility.await()
            .until(
                () ->
                    Files.readString(log)
                        .contains("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 is not allowed"));
        assertThat(Files.readString(log)).contains("refused TLS handshake of d-1", "127.0.0.1");
        try (RawMqtt raw = new RawMqtt(pki.context(own), port, "TLSv1.3")) {
          assertThat(raw.connect("d-1")).isZero();
        }
      }
    }
  }
}
