package io.guardbee.agent.enrol;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.KeyClaim;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;

/**
 * Speaks EST (RFC 7030) with one server over the TLS it is given, which alone decides whom to
 * believe. Keeps its connection between requests. Thread-safe.
 */
public final class EstClient {

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
  private static final int LARGEST_ANSWER = 1 << 20;

  private final HttpClient http;
  private final URI base;

  /**
   * Prepares; the first request connects.
   *
   * @param server {@code https://host:port}
   */
  public EstClient(URI server, SSLContext tls) {
    this.base = server.resolve("/.well-known/est/");
    this.http =
        HttpClient.newBuilder()
            .sslContext(tls)
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();
  }

  /** The authorities that the server names (RFC 7030 §4.1). */
  public List<X509Certificate> authorities() {
    return certificates(send(request("cacerts").GET().build()));
  }

  /**
   * A first certificate, for a one-time token (RFC 7030 §3.2.3 and §4.2.1).
   *
   * @return the certificate for the request's key
   * @throws RefusedException with the server's reason
   */
  public X509Certificate enroll(DeviceId id, EnrolToken token, SigningRequest csr) {
    byte[] credentials = (id.value() + ":" + token.value()).getBytes(StandardCharsets.US_ASCII);
    HttpRequest.Builder request =
        request("simpleenroll")
            .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials));
    return issue(request, csr);
  }

  /** A further certificate, for the one that TLS presents (RFC 7030 §4.2.2). */
  public X509Certificate reenroll(SigningRequest csr) {
    return issue(request("simplereenroll"), csr);
  }

  private X509Certificate issue(HttpRequest.Builder request, SigningRequest csr) {
    csr.claim().ifPresent(claim -> request.header(KeyClaim.HEADER, claim.toString()));
    request
        .header("Content-Type", "application/pkcs10")
        .POST(BodyPublishers.ofString(csr.base64()));
    return certificates(send(request.build())).stream()
        .filter(certificate -> certificate.getPublicKey().equals(csr.publicKey()))
        .findFirst()
        .orElseThrow(() -> malformed("no certificate for the key that asked"));
  }

  private HttpRequest.Builder request(String operation) {
    return HttpRequest.newBuilder(base.resolve(operation)).timeout(ANSWER_TIMEOUT);
  }

  private byte[] send(HttpRequest request) {
    try {
      HttpResponse<InputStream> answer = http.send(request, BodyHandlers.ofInputStream());
      byte[] body = read(answer.body());
      if (answer.statusCode() != 200) {
        throw Refusal.of(base, answer, new String(body, StandardCharsets.UTF_8));
      }
      return body;
    } catch (IOException e) {
      throw Refusal.of(base, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new InterruptedIOException("stopped while " + base));
    }
  }

  private byte[] read(InputStream stream) throws IOException {
    try (stream) {
      byte[] body = stream.readNBytes(LARGEST_ANSWER + 1);
      if (body.length > LARGEST_ANSWER) {
        throw malformed("more than " + LARGEST_ANSWER + " octets");
      }
      return body;
    }
  }

  /** A certs-only CMS (RFC 7030 §4.1.3), which the JDK reads by itself. */
  private List<X509Certificate> certificates(byte[] body) {
    try {
      byte[] cms = Base64.getMimeDecoder().decode(body);
      return CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(cms))
          .stream()
          .map(X509Certificate.class::cast)
          .toList();
    } catch (CertificateException | IllegalArgumentException e) {
      throw malformed("no certs-only CMS in base64");
    }
  }

  private RefusedException malformed(String what) {
    return new RefusedException(
        Reason.REQUEST_MALFORMED,
        base + " answered with " + what,
        "check that the address is an EST server's");
  }
}
