package io.guardbee.agent.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.agent.mqtt.MqttConnection.Listener;
import io.guardbee.agent.trust.ClientIdentity;
import io.guardbee.agent.trust.ServerTrust;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** How a connection that does not come about is told; against a TLS server that speaks no MQTT. */
class MqttConnectionTest {

  private final TestCa root = TestCa.root();
  private final TestCa operations = root.operations();
  private final TestCa device = root.authority("issuing").device("d-1");

  /** The alert and the device's own writes race: the alert must win each time. */
  @RepeatedTest(20)
  void certificateThatTheBrokerRefusesInTlsIsToldAsThat() throws Exception {
    TestCa stranger = TestCa.root("Stranger");
    try (Server server = new Server(operations.listener("CN=broker-1,OU=broker"), stranger)) {
      assertRefused(
          server.port(), Reason.CERTIFICATE_UNTRUSTED, "refused the device's certificate");
    }
  }

  @Test
  void brokerOfAnotherRootIsNotBelieved() throws Exception {
    TestCa impostor = TestCa.root("Impostor").server("CN=localhost");
    try (Server server = new Server(impostor, root)) {
      assertRefused(server.port(), Reason.CERTIFICATE_UNTRUSTED, "does not prove who it is");
    }
  }

  @Test
  void brokerWithAnotherHostNameIsNotBelieved() throws Exception {
    try (Server server = new Server(operations.client("CN=localhost"), root)) {
      assertRefused(server.port(), Reason.CERTIFICATE_UNTRUSTED, "does not prove who it is");
    }
  }

  @Test
  void serviceOrGrantedServerIsNoBroker() throws Exception {
    for (TestCa impostor :
        List.of(
            operations.service(),
            operations.server("CN=broker-1,OU=server"),
            operations.server("CN=broker-1,OU=broker"),
            root.authority("Guardbee Issuing CA").listener("CN=broker-1,OU=broker"))) {
      try (Server server = new Server(impostor, root)) {
        assertRefused(server.port(), Reason.CERTIFICATE_UNTRUSTED, "a Guardbee broker");
      }
    }
  }

  @Test
  void brokerThatIsNotThereIsNamed() {
    assertRefused(1, Reason.SERVICE_UNREACHABLE, "nothing answers at ssl://localhost:1");
  }

  private void assertRefused(int port, Reason reason, String detail) {
    SSLContext tls =
        new ServerTrust(root.certificate())
            .broker(new ClientIdentity(device.key(), device.chain()));
    URI broker = URI.create("ssl://localhost:" + port);
    assertThatThrownBy(
            () ->
                MqttConnection.open(
                    new MqttConnection.Settings(broker, "d-1", tls, true), new Deaf()))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.reason()).as(e.line()).isEqualTo(reason);
              assertThat(e.detail()).contains(detail);
            });
  }

  private record Deaf() implements Listener {
    @Override
    public void received(String topic, byte[] payload) {}

    @Override
    public void lost(RefusedException why) {}
  }

  /** Shakes hands with whoever comes, demands a certificate below one authority, and closes. */
  private static final class Server implements AutoCloseable {
    private final SSLServerSocket socket;
    private final CompletableFuture<Void> running;

    Server(TestCa own, TestCa clients) throws Exception {
      char[] password = "changeit".toCharArray();
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(own.keyStore(password), password);
      SSLContext context = SSLContext.getInstance("TLS");
      KeyStore anchors = KeyStore.getInstance("PKCS12");
      anchors.load(null, null);
      anchors.setCertificateEntry("clients", clients.certificate());
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(anchors);
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      socket =
          (SSLServerSocket)
              context
                  .getServerSocketFactory()
                  .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
      socket.setNeedClientAuth(true);
      running = CompletableFuture.runAsync(this::serve);
    }

    int port() {
      return socket.getLocalPort();
    }

    private void serve() {
      try (SSLSocket client = (SSLSocket) socket.accept()) {
        client.startHandshake();
      } catch (IOException e) {
        // what the test is about
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
      running.join();
    }
  }
}
