package io.guardbee.service;

import io.guardbee.operator.Endpoints;
import io.guardbee.pki.OneKey;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.Subject;
import io.guardbee.testing.TestCa;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedData;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An HTTPS client that trusts the service's root, with or without a certificate of its own. */
public final class Client {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Endpoints endpoints;
  private final HttpClient http;

  private final KeyManager @Nullable [] keys;

  private Client(Endpoints endpoints, KeyManager @Nullable [] keys) {
    this.endpoints = endpoints;
    this.keys = keys;
    try {
      KeyStore trust = KeyStore.getInstance("PKCS12");
      trust.load(null, null);
      trust.setCertificateEntry("root", Pem.readCertificates(Path.of(endpoints.trust())).get(0));
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(trust);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys, factory.getTrustManagers(), null);
      http =
          HttpClient.newBuilder().sslContext(context).version(HttpClient.Version.HTTP_1_1).build();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The same client at another service of the same root. */
  public Client at(Endpoints others) {
    return new Client(others, keys);
  }

  public static Client anonymous(Endpoints endpoints) {
    return new Client(endpoints, null);
  }

  public static Client with(Endpoints endpoints, TestCa identity) {
    return new Client(endpoints, keys(identity.key(), identity.chain()));
  }

  /** As most clients do: shows the certificate only if the server names its authority. */
  public static Client choosing(Endpoints endpoints, TestCa identity) {
    try {
      char[] password = "choosing".toCharArray();
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(identity.keyStore(password), password);
      return new Client(endpoints, factory.getKeyManagers());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public static Client with(Endpoints endpoints, KeyPair key, X509Certificate certificate) {
    return new Client(endpoints, keys(key.getPrivate(), List.of(certificate)));
  }

  public static Client operator(Endpoints endpoints) {
    return withFiles(
        endpoints, Path.of(endpoints.operatorCert()), Path.of(endpoints.operatorKey()));
  }

  /** With the certificate that the service made for its broker. */
  public static Client broker(RunningService service) {
    Path conf = service.home().broker().resolve("conf");
    return withFiles(service.endpoints(), conf.resolve("broker.pem"), conf.resolve("broker.key"));
  }

  /** The name in that certificate. */
  public static String nodeName(RunningService service) {
    try {
      Path certificate = service.home().broker().resolve("conf/broker.pem");
      return Subject.of(Pem.readCertificates(certificate).get(0).getSubjectX500Principal())
          .values("CN")
          .get(0);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Client withFiles(Endpoints endpoints, Path certificates, Path key) {
    try {
      byte[] der = Pem.der("PRIVATE KEY", Files.readString(key));
      PrivateKey parsed =
          KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
      return new Client(endpoints, keys(parsed, Pem.readCertificates(certificates)));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyManager[] keys(PrivateKey key, List<X509Certificate> chain) {
    return new KeyManager[] {new OneKey(key, chain)};
  }

  /** An answer: status, body, and the reason where it is a refusal. */
  public record Answer(int status, String body, HttpResponse<String> raw) {

    /** The stable reason, from problem+json or from EST's plain text. */
    public Reason reason() {
      String code =
          body.startsWith("{")
              ? JSON.readTree(body).path("reason").asString()
              : body.split(":", 2)[0];
      return Reason.parse(code).orElseThrow(() -> new AssertionError("no reason in " + body));
    }

    public JsonNode json() {
      return JSON.readTree(body);
    }

    /** The certificates of an EST answer. */
    public List<X509Certificate> certificates() {
      try {
        if (status != 200) {
          throw new AssertionError(status + " " + body);
        }
        CMSSignedData cms = new CMSSignedData(Base64.getMimeDecoder().decode(body));
        return cms.getCertificates().getMatches(null).stream()
            .map(
                holder -> {
                  try {
                    return Pem.decode(holder.getEncoded());
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                })
            .toList();
      } catch (CMSException e) {
        throw new AssertionError(body, e);
      }
    }
  }

  public Answer get(String path) {
    return send(request(path).GET());
  }

  /** With the media type that the path wants; EST's clients may leave it out. */
  public Answer post(String path, String body) {
    return path.startsWith("/v1/")
        ? post(path, body, mediaType(path))
        : send(request(path).POST(BodyPublishers.ofString(body)));
  }

  private static String mediaType(String path) {
    if (path.startsWith("/v1/factory/")) {
      return "application/x-ndjson";
    }
    return switch (path) {
      case "/v1/broker/certificate", "/v1/broker/renewal", "/v1/operators/renewal" ->
          "application/pkcs10";
      case "/v1/explain" -> "application/octet-stream";
      default -> "application/json";
    };
  }

  public Answer post(String path, String body, String mediaType) {
    return send(
        request(path).header("Content-Type", mediaType).POST(BodyPublishers.ofString(body)));
  }

  public Answer delete(String path) {
    return send(request(path).DELETE());
  }

  /** EST's first enrolment with this client's own certificate, and no token. */
  public Answer enrol(String body) {
    return post("/.well-known/est/simpleenroll", body);
  }

  /** EST with HTTP Basic, and further headers, name before value. */
  public Answer enrol(
      String path, String user, String token, String body, String... namesAndValues) {
    String basic =
        Base64.getEncoder().encodeToString((user + ":" + token).getBytes(StandardCharsets.UTF_8));
    HttpRequest.Builder request =
        request("/.well-known/est" + path)
            .header("Authorization", "Basic " + basic)
            .header("Content-Type", "application/pkcs10")
            .POST(BodyPublishers.ofString(body));
    return send(namesAndValues.length == 0 ? request : request.headers(namesAndValues));
  }

  /** Any method and headers, name before value. */
  public Answer send(String method, String path, String body, String... namesAndValues) {
    HttpRequest.Builder request = request(path).method(method, BodyPublishers.ofString(body));
    return send(namesAndValues.length == 0 ? request : request.headers(namesAndValues));
  }

  /** EST renewal with this client's own certificate. */
  public Answer renew(String body) {
    return send(
        request("/.well-known/est/simplereenroll")
            .header("Content-Type", "application/pkcs10")
            .POST(BodyPublishers.ofString(body)));
  }

  /** The body as it comes, for streams. */
  public InputStream stream(String path) {
    try {
      return http.send(request(path).GET().build(), BodyHandlers.ofInputStream()).body();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(endpoints.https() + path));
  }

  private Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body(), response);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
