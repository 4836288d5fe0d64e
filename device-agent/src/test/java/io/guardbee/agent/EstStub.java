package io.guardbee.agent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.CMSAbsentContent;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/**
 * An EST server that does what a test tells it, right or wrong, and remembers what it was asked.
 */
public final class EstStub implements AutoCloseable {

  public static final String TOKEN = "the-right-token";

  /** What it certifies for a request. */
  public interface Issuance {
    X509Certificate issue(PublicKey key) throws Exception;
  }

  private final HttpsServer server;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<X509Certificate> authorities;
  private final Issuance issuance;
  private final Queue<Held> held = new ConcurrentLinkedQueue<>();

  /** An answer that has the device come back (RFC 7030 §4.2.3). */
  public record Held(int status, String retryAfter, String body) {}

  private EstStub(TestCa tls, List<X509Certificate> authorities, Issuance issuance)
      throws Exception {
    this.authorities = authorities;
    this.issuance = issuance;
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context(tls)));
    server.createContext("/.well-known/est/", this::answer);
    server.start();
  }

  /** Presents {@code tls}, names {@code authorities}, and issues nothing. */
  public static EstStub naming(TestCa tls, X509Certificate... authorities) throws Exception {
    return new EstStub(
        tls,
        List.of(authorities),
        key -> {
          throw new IllegalStateException("issues nothing");
        });
  }

  /** A right server below {@code root}. */
  public static EstStub issuing(TestCa root, TestCa issuing, Issuance issuance) throws Exception {
    TestCa operations = root.operations();
    return new EstStub(
        operations.service(),
        List.of(issuing.certificate(), operations.certificate(), root.certificate()),
        issuance);
  }

  /** A certificate with that subject for that key. */
  public static X509Certificate certify(TestCa issuer, String subject, PublicKey key)
      throws Exception {
    Instant from = Instant.now().minus(Duration.ofMinutes(1));
    return new JcaX509CertificateConverter()
        .getCertificate(
            new JcaX509v3CertificateBuilder(
                    issuer.certificate().getSubjectX500Principal(),
                    new BigInteger(120, new SecureRandom()),
                    Date.from(from),
                    Date.from(from.plus(Duration.ofDays(1))),
                    new X500Principal(subject),
                    key)
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuer.key())));
  }

  public URI uri() {
    return URI.create("https://localhost:" + server.getAddress().getPort());
  }

  /** Has the next enrolments come back first. */
  public EstStub holding(Held... first) {
    held.addAll(List.of(first));
    return this;
  }

  /** The operations asked for, in order, with the credentials of each. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String operation = exchange.getRequestURI().getPath().replaceAll(".*/", "");
      String credentials = exchange.getRequestHeaders().getFirst("Authorization");
      requests.add(operation + (credentials == null ? "" : " " + credentials));
      if (operation.equals("cacerts")) {
        reply(exchange, 200, certificates(authorities));
      } else if (credentials == null || !decoded(credentials).endsWith(":" + TOKEN)) {
        reply(exchange, 401, "token-wrong: the token for d-1 is wrong; ask for a new grant\n");
      } else if (!held.isEmpty()) {
        Held answer = held.remove();
        exchange.getResponseHeaders().set("Retry-After", answer.retryAfter());
        reply(exchange, answer.status(), answer.body());
      } else {
        byte[] der = Base64.getMimeDecoder().decode(exchange.getRequestBody().readAllBytes());
        PublicKey key =
            new JcaPKCS10CertificationRequest(new PKCS10CertificationRequest(der)).getPublicKey();
        reply(exchange, 200, certificates(List.of(issuance.issue(key))));
      }
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  private static String decoded(String credentials) {
    byte[] basic = Base64.getDecoder().decode(credentials.replace("Basic ", ""));
    return new String(basic, StandardCharsets.US_ASCII);
  }

  private static void reply(HttpExchange exchange, int status, String body) throws IOException {
    byte[] octets = body.getBytes(StandardCharsets.US_ASCII);
    exchange.sendResponseHeaders(status, octets.length == 0 ? -1 : octets.length);
    exchange.getResponseBody().write(octets);
  }

  private static String certificates(List<X509Certificate> certificates) throws Exception {
    CMSSignedDataGenerator cms = new CMSSignedDataGenerator();
    cms.addCertificates(new JcaCertStore(certificates));
    byte[] der = cms.generate(new CMSAbsentContent()).getEncoded();
    return Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
  }

  private static SSLContext context(TestCa tls) throws Exception {
    char[] password = "changeit".toCharArray();
    KeyStore store = tls.keyStore(password);
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
