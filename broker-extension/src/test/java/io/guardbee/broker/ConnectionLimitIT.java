package io.guardbee.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a broker does with sockets that begin a TLS handshake and leave it. */
class ConnectionLimitIT {

  private static final int LIMIT = 5;
  private static final int CONNECTIONS = 8;
  private static final int SOCKETS = 400;
  private static final long MOST_MEBIBYTES = 1024;

  /** A whole record whose content announces a ClientHello of 16 MiB. */
  private static final byte[] HUGE = HexFormat.of().parseHex("160301000501ffffff03");

  /** The same, of 32 KiB, the most that a client may send. */
  private static final byte[] LONGEST = HexFormat.of().parseHex("16030100050100800003");

  @TempDir static Path home = Path.of("");
  static Pki pki;
  static FeedServer feed;
  static BrokerProcess broker;
  static int wss;
  static int metrics;

  @BeforeAll
  static void start() throws IOException {
    pki = Pki.make();
    pki.writeHome(home);
    DoorIT.writePolicy(home, DoorIT.POLICY);
    Path settings = home.resolve("broker/extensions/guardbee/conf/guardbee.yaml");
    feed = new FeedServer(pki);
    Files.createDirectories(settings.resolveSibling("."));
    Files.writeString(
        settings,
        """
        node: broker-1
        service: [%s]
        identity: { certificate: ../../conf/broker.pem, key: ../../conf/broker.key }
        trust: { service: ../../../ca/root.pem, issuing: [../../../ca/issuing.pem] }
        connections:
          maxPerAddress: %d
          handshakes: 1000
          handshakesPerAddress: %d
          handshakeTimeout: PT5S
        policy: conf/policy.yaml
        status: { maxStaleness: PT24H, whenStale: refuse }
        metrics: { listen: "127.0.0.1:0" }
        """
            .formatted(feed.url(), CONNECTIONS, LIMIT));
    broker = BrokerProcess.launchWith(home, feed.url(), "--mqtts-port", "0", "--wss-port", "0");
    broker.awaitReady().awaitLine("status of event");
    wss = broker.portAfter("wss://localhost:");
    metrics = broker.portAfter("metrics and health on http://127.0.0.1:");
  }

  @AfterAll
  static void stop() {
    broker.close();
    feed.close();
  }

  @Test
  void idleHandshakesAreLimitedAndKeepNobodyOut() throws Exception {
    try (Sockets attack = new Sockets()) {
      for (int host : new int[] {1, 2}) {
        attack.open(host, broker.port(), SOCKETS / 4, LONGEST);
        attack.open(host, wss, SOCKETS / 4, LONGEST);
      }
      Awaitility.await()
          .untilAsserted(
              () -> assertThat(attack.stillOpen()).isLessThanOrEqualTo(2 * LIMIT)); // 2 addresses
      try (Device device =
          Device.connect("d-calm", pki.context(pki.device("d-calm", "sensor")), broker.port())) {
        assertThat(device.publish("devices/d-calm/telemetry/temp")).isIn(0, 16);
      }
      broker.awaitLine("closed connections before TLS", "127.0.0.", "guardbee.yaml");
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(metrics())
                      .contains(
                          "guardbee_listener_refused_total{reason=\"handshake-replaced\"}",
                          "guardbee_listener_handshakes"));
      assertThat(broker.residentMebibytes()).isLessThan(MOST_MEBIBYTES);
    }
    assertThat(
            broker.output().stream()
                .filter(line -> line.contains("closed connections before TLS"))
                .count())
        .isLessThan(SOCKETS / 4);
  }

  @Test
  void connectionsOfOneAddressAreLimitedAndKeepNoOtherOut() throws Exception {
    SSLContext own = pki.context(pki.device("d-many", "sensor"));
    try (Sockets attack = new Sockets()) {
      assertThatThrownBy(
              () -> {
                // on a slow machine the first are closed meanwhile: they send no CONNECT in time
                for (int i = 0; i < 10 * CONNECTIONS; i++) {
                  attack.handshake(5, broker.port(), own);
                }
              })
          .isInstanceOf(IOException.class);
      assertThat(attack.stillOpen()).isLessThanOrEqualTo(CONNECTIONS);
      try (Device device =
          Device.connect("d-other", pki.context(pki.device("d-other", "sensor")), broker.port())) {
        assertThat(device.publish("devices/d-other/telemetry/temp")).isIn(0, 16);
      }
    }
    broker.awaitLine("closed connections before TLS", "127.0.0.5", "connections.maxPerAddress");
    assertThat(metrics())
        .containsPattern("guardbee_listener_refused_total\\{reason=\"address-connections\"} [1-9]");
  }

  /** Before HiveMQ makes a TLS engine for it and logs the failure with its stack trace. */
  @Test
  void announcementOfHugeHelloEndsTheConnection() throws Exception {
    try (Sockets attack = new Sockets()) {
      attack.open(4, broker.port(), 2, HUGE);
      attack.open(4, wss, 2, HUGE);
      Awaitility.await().until(() -> attack.stillOpen() == 0);
    }
    broker.awaitLine("closed connections before TLS", "127.0.0.4", "32768 octets");
    assertThat(metrics())
        .contains("guardbee_listener_refused_total{reason=\"hello-too-long\"} 4.0\n");
    assertThat(Files.readString(home.resolve("broker/log/hivemq.log")))
        .doesNotContain("TooLongFrameException");
  }

  /** HiveMQ's handlers do not pass on that a handshake with a client certificate has ended. */
  @Test
  void connectionOutlivesTheTimeForItsHandshake() throws Exception {
    try (Device device =
            Device.connect("d-long", pki.context(pki.device("d-long", "sensor")), broker.port());
        Sockets idle = new Sockets()) {
      idle.open(3, broker.port(), 1, LONGEST); // later, so its time is up later
      Awaitility.await().until(() -> idle.stillOpen() == 0);
      assertThat(device.publish("devices/d-long/telemetry/temp")).isIn(0, 16);
      assertThat(metrics()).contains("guardbee_listener_handshakes 0.0\n");
    }
  }

  private static String metrics() throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + metrics + "/metrics");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /** Sockets that an attacker holds. */
  private static final class Sockets implements AutoCloseable {

    private final List<Socket> all = new ArrayList<>();

    void open(int host, int port, int count, byte[] announcement) throws IOException {
      for (int i = 0; i < count; i++) {
        Socket socket = connect(host, port);
        all.add(socket);
        try {
          socket.getOutputStream().write(announcement);
        } catch (IOException e) {
          // closed already: it is not counted among the open ones
        }
      }
    }

    void handshake(int host, int port, SSLContext own) throws IOException {
      Socket socket = connect(host, port);
      socket.setSoTimeout(0);
      SSLSocket tls = (SSLSocket) own.getSocketFactory().createSocket(socket, null, port, true);
      all.add(tls); // Java 17 closes one that is garbage
      tls.startHandshake();
      tls.setSoTimeout(1);
    }

    private static Socket connect(int host, int port) throws IOException {
      InetAddress from = InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) host});
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port, from, 0);
      socket.setSoTimeout(1);
      return socket;
    }

    long stillOpen() {
      return all.stream().filter(Sockets::isOpen).count();
    }

    private static boolean isOpen(Socket socket) {
      try {
        return socket.getInputStream().read() >= 0;
      } catch (SocketTimeoutException e) {
        return true;
      } catch (IOException e) {
        return false;
      }
    }

    @Override
    public void close() throws IOException {
      for (Socket socket : all) {
        socket.close();
      }
    }
  }
}
