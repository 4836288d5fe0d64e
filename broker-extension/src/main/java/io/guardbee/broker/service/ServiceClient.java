package io.guardbee.broker.service;

import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.pki.Credential;
import io.guardbee.pki.OneKey;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.pki.ServerRole;
import io.guardbee.pki.ServerTrustManager;
import io.guardbee.pki.SigningRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTPS to the provisioning service, with this node's certificate. Takes over an identity that was
 * replaced in its files: from the next request on with new connections, since TLS sessions keep the
 * one that they began with. Thread-safe.
 */
public final class ServiceClient {

  private static final Logger LOG = LoggerFactory.getLogger(ServiceClient.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int OK = 200;

  private final BrokerConfig config;
  private final NodeIdentity identity;
  private final Executor executor;
  private final AtomicInteger inUse = new AtomicInteger();
  private volatile Connected connected;

  /**
   * Who this node is, as read from its files at a moment, and the client that says so.
   *
   * @param changed when the files had changed last
   */
  private record Connected(HttpClient http, Credential identity, FileTime changed) {}

  private ServiceClient(BrokerConfig config, NodeIdentity identity, Executor executor)
      throws IOException, GeneralSecurityException {
    this.config = config;
    this.identity = identity;
    this.executor = executor;
    this.connected = connect(changed());
  }

  /**
   * Reads key, certificate and anchor; connects to nothing yet.
   *
   * @param identity who this node is
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when a file does not do
   */
  public static ServiceClient of(BrokerConfig config, NodeIdentity identity, Executor executor) {
    try {
      return new ServiceClient(config, identity, executor);
    } catch (IOException | GeneralSecurityException e) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "cannot use identity "
              + identity.certificate()
              + " with trust "
              + config.serviceTrust()
              + ": "
              + e,
          "check these files: PEM, readable, the key fits the certificate");
    }
  }

  private FileTime changed() throws IOException {
    return Files.getLastModifiedTime(identity.certificate());
  }

  private Connected connect(FileTime changed) throws IOException, GeneralSecurityException {
    Credential own = identity.read();
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(PATIENCE)
            .executor(executor)
            .sslContext(context(own, Pem.readCertificates(config.serviceTrust())))
            .build();
    return new Connected(http, own, changed);
  }

  /** Every manager by name: the JVM's default managers belong to the MQTT listeners. */
  private static SSLContext context(Credential identity, List<X509Certificate> trusted)
      throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        new KeyManager[] {new OneKey(identity.key(), identity.chain())},
        new TrustManager[] {ServerTrustManager.of(trusted, ServerRole.SERVICE)},
        null);
    return context;
  }

  /** Whatever is wrong with the files: what was good before goes on. */
  private Connected current() {
    Connected now = connected;
    try {
      FileTime changed = changed();
      if (!changed.equals(now.changed())) {
        now = takeOver(changed);
      }
    } catch (IOException | GeneralSecurityException | RefusedException e) {
      LOG.debug("the identity stays as it is: {}", Quoted.line(String.valueOf(e.getMessage())));
    }
    return now;
  }

  private synchronized Connected takeOver(FileTime changed)
      throws IOException, GeneralSecurityException {
    if (!changed.equals(connected.changed())) {
      connected = connect(changed);
      LOG.info(
          "towards the service this node is certificate {} from now on",
          Serial.of(connected.identity().leaf()));
    }
    return connected;
  }

  /** Who this node is towards the service. */
  public Credential identity() {
    return current().identity();
  }

  /** How many addresses the service has. */
  public int addresses() {
    return config.services().size();
  }

  /** The address in use. */
  public URI address() {
    List<URI> addresses = config.services();
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

  /**
   * Has the service certify a key.
   *
   * @param route takes a PKCS#10 request and answers with a chain, PEM
   * @return the certificate of this key first
   * @throws IOException when the service is not reached, refuses, or certifies another key
   */
  public List<X509Certificate> certify(String route, KeyPair pair)
      throws IOException, GeneralSecurityException, InterruptedException {
    HttpResponse<String> response =
        send(
            request(route)
                .header("Content-Type", "application/pkcs10")
                .POST(HttpRequest.BodyPublishers.ofString(SigningRequest.pem(pair))),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != OK) {
      throw new IOException("HTTP status " + response.statusCode() + " " + response.body());
    }
    List<X509Certificate> chain = Pem.parseCertificates(response.body());
    if (!Arrays.equals(chain.get(0).getPublicKey().getEncoded(), pair.getPublic().getEncoded())) {
      throw new IOException("the certificate is for another key than the one sent");
    }
    return chain;
  }

  public <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> body)
      throws IOException, InterruptedException {
    return current().http().send(request.build(), body);
  }
}
