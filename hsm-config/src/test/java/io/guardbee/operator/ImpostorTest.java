package io.guardbee.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.ServerRole;
import io.guardbee.testing.TestCa;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers with another certificate of the same installation, at the service's address. */
class ImpostorTest {

  private final TestCa root = TestCa.root();
  private final TestCa operations = root.operations();

  @TempDir private Path home;

  private record Server(HttpsServer http, Queue<String> asked) implements AutoCloseable {

    static Server with(TestCa own) throws Exception {
      HttpsServer http =
          HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          new KeyManager[] {new io.guardbee.pki.OneKey(own.key(), own.chain())}, null, null);
      http.setHttpsConfigurator(new HttpsConfigurator(context));
      Queue<String> asked = new ConcurrentLinkedQueue<>();
      http.createContext(
          "/",
          exchange -> {
            asked.add(exchange.getRequestURI().toString());
            byte[] answer = "{}".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
          });
      http.start();
      return new Server(http, asked);
    }

    String url() {
      return "https://localhost:" + http.getAddress().getPort();
    }

    @Override
    public void close() {
      http.stop(0);
    }
  }

  private Api api(Server server) throws Exception {
    TestCa operator = operations.client("CN=operator,OU=operator");
    Path trust = Files.writeString(home.resolve("root.pem"), Pem.certificate(root.certificate()));
    Path own = Files.writeString(home.resolve("own.pem"), Pem.certificates(operator.chain()));
    Path key = Files.writeString(home.resolve("own.key"), Pem.privateKey(operator.key()));
    return new Api(
        new Endpoints(
            server.url(), "", "", null, trust.toString(), own.toString(), key.toString(), ""));
  }

  @Test
  void serviceIsBelieved() throws Exception {
    try (Server server = Server.with(operations.service())) {
      assertThat(api(server).get("/v1/devices").isObject()).isTrue();
    }
  }

  @Test
  void nobodyElseIsAskedAnything() throws Exception {
    String service = "CN=" + ServerRole.SERVICE_NAME + ",OU=server";
    for (TestCa impostor :
        List.of(
            operations.server("CN=broker-1,OU=broker"),
            operations.listener("CN=broker-1,OU=broker"),
            operations.server("CN=pki.example,OU=server"),
            operations.listener("CN=localhost,OU=server"),
            operations.server(service),
            root.authority("Guardbee Issuing CA").listener(service),
            TestCa.root().operations().service())) {
      try (Server server = Server.with(impostor)) {
        Api api = api(server);
        assertThatThrownBy(() -> api.get("/v1/devices"))
            .as(impostor.certificate().getSubjectX500Principal().getName())
            .isInstanceOfSatisfying(
                RefusedException.class,
                e -> assertThat(e.reason()).isEqualTo(Reason.CERTIFICATE_UNTRUSTED));
        assertThat(server.asked()).isEmpty();
      }
    }
  }

  @Test
  void refusalNamesTheCertificateAndWhatWasExpected() throws Exception {
    try (Server server = Server.with(operations.server("CN=broker-1,OU=broker"))) {
      assertThatThrownBy(() -> api(server).get("/v1/devices"))
          .hasMessageContaining("CN=broker-1,OU=broker")
          .hasMessageContaining("expected CN=Guardbee Service,OU=server")
          .hasMessageContaining("Guardbee Operations CA");
    }
  }
}
