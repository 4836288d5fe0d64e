package io.guardbee.service;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.guardbee.service.config.Config;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * An operator's approval program, right or wrong as a test tells it; remembers what it was asked.
 */
final class WebhookServer implements AutoCloseable {

  /** One question as it came in. */
  record Asked(String path, String signature, String body) {}

  /** What it does with a question that it has read. */
  interface Behaviour {
    void answer(HttpExchange exchange) throws IOException;
  }

  private final HttpsServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private volatile Behaviour behaviour = saying("{\"decision\":\"approve\"}");

  WebhookServer(TestCa tls) throws IOException, GeneralSecurityException {
    char[] password = "changeit".toCharArray();
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(tls.keyStore(password), password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    int port = new Config.Listen("127.0.0.1", 0, 0, 0, -1, List.of()).withFreePorts().https();
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 64);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      String signature = exchange.getRequestHeaders().getFirst("Guardbee-Signature");
      asked.add(new Asked(exchange.getRequestURI().getPath(), signature, body));
      behaviour.answer(exchange);
    }
  }

  void does(Behaviour next) {
    behaviour = next;
    asked.clear();
  }

  static Behaviour saying(String json) {
    return exchange -> reply(exchange, 200, json);
  }

  static void reply(HttpExchange exchange, int status, String body) throws IOException {
    byte[] octets = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, octets.length);
    exchange.getResponseBody().write(octets);
  }

  List<Asked> asked() {
    return List.copyOf(asked);
  }

  String url() {
    return "https://localhost:" + server.getAddress().getPort() + "/approve";
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
