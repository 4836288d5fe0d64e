package io.guardbee.broker.run.policy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.guardbee.operator.Endpoints;
import io.guardbee.pki.OneKey;
import io.guardbee.pki.Pem;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/**
 * A service over real HTTPS with client certificates that gives the answers laid ready for it, and
 * remembers what it was asked; with the home that the operator's commands need.
 */
final class StubService implements AutoCloseable {

  private final HttpsServer server;
  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final Queue<String> asked = new ConcurrentLinkedQueue<>();

  StubService(Path home) throws Exception {
    TestCa root = TestCa.root();
    TestCa operations = root.operations();
    TestCa operator = operations.client("CN=jane,OU=operator");
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(strict(context(operations.service(), root)));
    server.createContext("/", this::answer);
    server.start();
    Path trust = Files.writeString(home.resolve("root.pem"), Pem.certificate(root.certificate()));
    Path own = Files.writeString(home.resolve("own.pem"), Pem.certificates(operator.chain()));
    Path key = Files.writeString(home.resolve("own.key"), Pem.privateKey(operator.key()));
    new Endpoints(
            "https://localhost:" + server.getAddress().getPort(),
            "",
            "",
            null,
            trust.toString(),
            own.toString(),
            key.toString(),
            "")
        .write(home);
  }

  private static SSLContext context(TestCa own, TestCa root) throws Exception {
    KeyStore anchors = KeyStore.getInstance("PKCS12");
    anchors.load(null, null);
    anchors.setCertificateEntry("root", root.certificate());
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(anchors);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        new KeyManager[] {new OneKey(own.key(), own.chain())}, trust.getTrustManagers(), null);
    return context;
  }

  private static HttpsConfigurator strict(SSLContext context) {
    return new HttpsConfigurator(context) {
      @Override
      public void configure(HttpsParameters parameters) {
        SSLParameters ssl = context.getDefaultSSLParameters();
        ssl.setNeedClientAuth(true);
        parameters.setSSLParameters(ssl);
      }
    };
  }

  /** The answer to a request such as {@code GET /v1/policy}. */
  void lay(String request, String answer) {
    answers.put(request, answer);
  }

  /** The next request, with its body. */
  String asked() {
    return String.valueOf(asked.poll());
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      asked.add((request + " " + body).strip());
      String laid = answers.get(request);
      byte[] answer =
          (laid == null
                  ? "{\"reason\":\"policy-unknown\",\"detail\":\"there is no version 99\","
                      + "\"nextStep\":\"see which there are: guardbee policy versions\"}"
                  : laid)
              .getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(laid == null ? 404 : 200, answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
