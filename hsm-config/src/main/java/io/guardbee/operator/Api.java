package io.guardbee.operator;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The service's REST interface, called with the operator's certificate of a home. Thread-safe.
 * Every call waits for its answer, at most a minute (a download half an hour), and throws a {@link
 * RefusedException} in the service's own words when it is refused, {@link
 * Reason#SERVICE_UNREACHABLE} when there is no answer.
 */
public final class Api {

  public static final JsonMapper JSON = JsonMapper.builder().build();

  private static final Pattern OBJECT = Pattern.compile("\\w@[0-9a-f]{3,}");
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration ANSWER = Duration.ofSeconds(60);
  private static final Duration DOWNLOAD = Duration.ofMinutes(30);

  private final Endpoints endpoints;
  private final OperatorTls tls;
  private final HttpClient client;

  Api(Endpoints endpoints) throws IOException {
    this.endpoints = endpoints;
    this.tls = OperatorTls.of(endpoints);
    this.client =
        HttpClient.newBuilder()
            .sslContext(tls.context())
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();
  }

  /**
   * For the service that runs, or ran, on that home. An operator's certificate in the last third of
   * its life is renewed first, with a note on standard error; a failure of that is only noted.
   *
   * @param home absolute
   */
  public static Api of(Path home) throws IOException {
    return of(home, Clock.systemUTC(), System.err);
  }

  static Api of(Path home, Clock clock, PrintStream notes) throws IOException {
    Api api = new Api(Endpoints.read(home));
    X509Certificate leaf = api.tls().operator().leaf();
    if (!OperatorRenewal.isDue(leaf, clock.instant())) {
      return api;
    }
    try {
      X509Certificate next = new OperatorRenewal(home).renew(api, Optional.empty());
      notes.println(
          "the operator's certificate is renewed until " + next.getNotAfter().toInstant());
      return new Api(api.endpoints());
    } catch (RefusedException | IOException e) {
      notes.println(
          "the operator's certificate ends at "
              + leaf.getNotAfter().toInstant()
              + " and was not renewed: "
              + Quoted.line(String.valueOf(e.getMessage())));
      return api;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return api;
    }
  }

  /** Sends a certificate signing request; the answer is PEM. */
  String postRequest(String path, String pem) throws InterruptedException {
    return send(
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "application/pkcs10")
            .POST(BodyPublishers.ofString(pem)));
  }

  public Endpoints endpoints() {
    return endpoints;
  }

  public OperatorTls tls() {
    return tls;
  }

  public JsonNode get(String path) throws InterruptedException {
    return JSON.readTree(send(HttpRequest.newBuilder(uri(path)).GET()));
  }

  /** NDJSON as it came, octet for octet. */
  public String lines(String path) throws InterruptedException {
    return send(HttpRequest.newBuilder(uri(path)).GET());
  }

  public JsonNode post(String path, JsonNode body) throws InterruptedException {
    return JSON.readTree(
        send(
            HttpRequest.newBuilder(uri(path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(JSON.writeValueAsString(body)))));
  }

  public JsonNode delete(String path) throws InterruptedException {
    return JSON.readTree(send(HttpRequest.newBuilder(uri(path)).DELETE()));
  }

  /** A certificate or a request for one, in any form. */
  public JsonNode post(String path, byte[] body) throws InterruptedException {
    return JSON.readTree(
        send(
            HttpRequest.newBuilder(uri(path))
                .header("Content-Type", "application/octet-stream")
                .POST(BodyPublishers.ofByteArray(body))));
  }

  public String postLines(String path, String ndjson) throws InterruptedException {
    return send(
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "application/x-ndjson")
            .POST(BodyPublishers.ofString(ndjson)));
  }

  /** Writes the answer into that file, which is there. */
  public HttpResponse<Path> download(String path, Path file) throws InterruptedException {
    try {
      HttpResponse<Path> response =
          client.send(
              HttpRequest.newBuilder(uri(path)).timeout(DOWNLOAD).GET().build(),
              BodyHandlers.ofFile(
                  file, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE));
      if (response.statusCode() >= 300) {
        throw refusal(response.statusCode(), Files.readString(file));
      }
      return response;
    } catch (IOException e) {
      throw unreachable(endpoints.https(), e);
    }
  }

  private URI uri(String path) {
    return URI.create(endpoints.https() + path);
  }

  private String send(HttpRequest.Builder request) throws InterruptedException {
    try {
      HttpResponse<String> response =
          client.send(request.timeout(ANSWER).build(), BodyHandlers.ofString());
      if (response.statusCode() >= 300) {
        throw refusal(response.statusCode(), response.body());
      }
      return response.body();
    } catch (IOException e) {
      throw unreachable(endpoints.https(), e);
    }
  }

  public static RefusedException unreachable(String address, Throwable cause) {
    for (Throwable part = cause; part != null; part = part.getCause()) {
      if (part instanceof CertificateException) {
        return new RefusedException(
            Reason.CERTIFICATE_UNTRUSTED,
            address + " does not prove that it is the service: " + part.getMessage(),
            "check the address, and who answers there; nothing was sent");
      }
    }
    return new RefusedException(
        Reason.SERVICE_UNREACHABLE,
        "no answer from " + address + ": " + why(cause),
        "is guardbee up running on this home?");
  }

  /** In plain words: the exceptions of HTTP clients name their own objects. */
  private static String why(Throwable cause) {
    if (cause instanceof TimeoutException || cause instanceof HttpTimeoutException) {
      return "time-out";
    }
    if (cause instanceof EOFException || cause instanceof ClosedChannelException) {
      return "the connection ended before the answer did";
    }
    if (cause instanceof ConnectException) {
      return "it takes no connection";
    }
    String message = cause.getMessage();
    return message == null || OBJECT.matcher(message).find()
        ? "the connection failed"
        : message.replaceFirst("^(\\w+\\.)+\\w+: ", "");
  }

  /** What the service said, in its own words. */
  public static RefusedException refusal(int status, String problem) {
    try {
      JsonNode said = JSON.readTree(problem);
      return new RefusedException(
          Reason.parse(said.path("reason").asString("")).orElse(Reason.INTERNAL),
          said.path("detail").asString("status " + status),
          said.path("nextStep").asString("see the service's log"));
    } catch (JacksonException e) {
      return new RefusedException(
          Reason.INTERNAL, "the service answered status " + status, "see the service's log");
    }
  }
}
