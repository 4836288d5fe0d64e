package io.guardbee.broker.status;

import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.pki.OneKey;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** HTTPS to the provisioning service, with this node's certificate. Thread-safe. */
final class FeedConnection {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int OK = 200;
  private static final int NO_CONTENT = 204;

  private final HttpClient http;
  private final List<URI> services;
  private final String node;
  private final AtomicInteger service = new AtomicInteger();

  private FeedConnection(HttpClient http, List<URI> services, String node) {
    this.http = http;
    this.services = services;
    this.node = node;
  }

  /**
   * Reads key, certificate and anchor; connects to nothing yet.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when a file does not do
   */
  static FeedConnection of(BrokerConfig config, Executor executor) {
    try {
      HttpClient http =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .connectTimeout(PATIENCE)
              .executor(executor)
              .sslContext(context(config))
              .build();
      return new FeedConnection(http, config.services(), config.node());
    } catch (IOException | GeneralSecurityException e) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "cannot use identity "
              + config.certificate()
              + ", "
              + config.key()
              + " with trust "
              + config.serviceTrust()
              + ": "
              + e,
          "check these files: PEM, readable, the key fits the certificate");
    }
  }

  /** Every manager by name: the JVM's default trust manager belongs to the MQTT listeners. */
  private static SSLContext context(BrokerConfig config)
      throws IOException, GeneralSecurityException {
    List<X509Certificate> chain = Pem.readCertificates(config.certificate());
    byte[] der = Pem.der("PRIVATE KEY", Files.readString(config.key()));
    PrivateKey key =
        KeyFactory.getInstance(chain.get(0).getPublicKey().getAlgorithm())
            .generatePrivate(new PKCS8EncodedKeySpec(der));
    KeyStore anchors = KeyStore.getInstance("PKCS12");
    anchors.load(null, null);
    for (X509Certificate anchor : Pem.readCertificates(config.serviceTrust())) {
      anchors.setCertificateEntry("anchor-" + anchors.size(), anchor);
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(anchors);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[] {new OneKey(key, chain)}, trust.getTrustManagers(), null);
    return context;
  }

  /** The service in use. */
  URI service() {
    return services.get(Math.floorMod(service.get(), services.size()));
  }

  /** The service in use failed: take the next. */
  void next() {
    service.incrementAndGet();
  }

  /** Opens the stream of lines that never ends. */
  InputStream open(String feed, long after) throws IOException, InterruptedException {
    String query = "?node=" + encoded(node) + "&feed=" + encoded(feed) + "&after=" + after;
    HttpRequest request =
        HttpRequest.newBuilder(service().resolve("/v1/feed" + query))
            .timeout(PATIENCE)
            .header("Accept", "application/x-ndjson")
            .build();
    HttpResponse<InputStream> response =
        http.send(request, HttpResponse.BodyHandlers.ofInputStream());
    if (response.statusCode() != OK) {
      response.body().close();
      throw new IOException("HTTP status " + response.statusCode() + " from " + request.uri());
    }
    return response.body();
  }

  void acknowledge(long event, int sessionsEnded) throws IOException, InterruptedException {
    String body =
        FeedLine.JSON
            .createObjectNode()
            .put("node", node)
            .put("event", event)
            .put("sessionsEnded", sessionsEnded)
            .toString();
    HttpRequest request =
        HttpRequest.newBuilder(service().resolve("/v1/feed/ack"))
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    if (status != NO_CONTENT) {
      throw new IOException("HTTP status " + status + " from " + request.uri());
    }
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
