package io.guardbee.broker.service;

import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.pki.OneKey;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** HTTPS to the provisioning service, with this node's certificate. Thread-safe. */
public final class ServiceClient {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final HttpClient http;
  private final Credential identity;
  private final List<URI> addresses;
  private final AtomicInteger inUse = new AtomicInteger();

  private ServiceClient(HttpClient http, Credential identity, List<URI> addresses) {
    this.http = http;
    this.identity = identity;
    this.addresses = addresses;
  }

  /**
   * Reads key, certificate and anchor; connects to nothing yet.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when a file does not do
   */
  public static ServiceClient of(BrokerConfig config, Executor executor) {
    try {
      Credential identity = Credential.read(config.certificate(), config.key());
      HttpClient http =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .connectTimeout(PATIENCE)
              .executor(executor)
              .sslContext(context(identity, Pem.readCertificates(config.serviceTrust())))
              .build();
      return new ServiceClient(http, identity, config.services());
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

  /** Every manager by name: the JVM's default managers belong to the MQTT listeners. */
  private static SSLContext context(Credential identity, List<X509Certificate> trusted)
      throws IOException, GeneralSecurityException {
    KeyStore anchors = KeyStore.getInstance("PKCS12");
    anchors.load(null, null);
    for (X509Certificate anchor : trusted) {
      anchors.setCertificateEntry("anchor-" + anchors.size(), anchor);
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(anchors);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        new KeyManager[] {new OneKey(identity.key(), identity.chain())},
        trust.getTrustManagers(),
        null);
    return context;
  }

  /** Who this node is towards the service. */
  public Credential identity() {
    return identity;
  }

  /** How many addresses the service has. */
  public int addresses() {
    return addresses.size();
  }

  /** The address in use. */
  public URI address() {
    return addresses.get(Math.floorMod(inUse.get(), addresses.size()));
  }

  /** The address in use failed: take the next. */
  public void next() {
    inUse.incrementAndGet();
  }

  /** A request to the address in use; its answer is not waited for for ever. */
  public HttpRequest.Builder request(String pathAndQuery) {
    return HttpRequest.newBuilder(address().resolve(pathAndQuery)).timeout(PATIENCE);
  }

  public <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> body)
      throws IOException, InterruptedException {
    return http.send(request.build(), body);
  }
}
