package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Reason;
import io.guardbee.service.Client.Answer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What RFC 9110 and RFC 9112 ask of every answer, over real sockets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpAnswersTest {

  /** Longer than a test may take: what is answered was not waited for. */
  private static final String LONG_WAIT = "limits:\n  requestTime: PT10M";

  private static final String LARGE = "Content-Length: 10000000\r\n\r\n";

  private RunningService service;
  private Client anyone;
  private Client operator;
  private Client broker;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    service = RunningService.start(directory.resolve("answers"), LONG_WAIT);
    anyone = Client.anonymous(service.endpoints());
    operator = Client.operator(service.endpoints());
    broker = Client.broker(service);
    assertThat(operator.post("/v1/devices/d-1/grants", "").status()).isEqualTo(201);
  }

  @AfterAll
  void stop() {
    service.close();
  }

  private static Map<String, List<String>> comparable(HttpHeaders headers) {
    Map<String, List<String>> compared = new TreeMap<>(headers.map());
    Set.of("date", "expires").forEach(compared::remove);
    return compared;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/readyz",
        "/ca/root.pem",
        "/ca/issuing.pem",
        "/ca/root.cer",
        "/crl/issuing.crl",
        "/crl/root.crl",
        "/crl/none.crl",
        "/ocsp",
        "/",
        "/none",
        "/.well-known/est/cacerts",
        "/.well-known/est/csrattrs",
        "/.well-known/est/nonsense/cacerts",
        "/.well-known/est/simpleenroll",
        "/v1/devices",
        "/v1/devices/d-1",
        "/v1/devices/none",
        "/v1/devices/d-1/grants",
        "/v1/devices/d-1/revocation",
        "/v1/devices?limit=nonsense",
        "/v1/grants",
        "/v1/approvals",
        "/v1/policy",
        "/v1/policy/versions",
        "/v1/policy/observed",
        "/v1/audit",
        "/v1/audit/head",
        "/v1/brokers",
        "/v1/operators",
        "/v1/explain?device=d-1",
        "/v1/none"
      })
  void headHasStatusAndHeadersOfGet(String path) {
    for (Client client : List.of(operator, anyone)) {
      Answer get = client.get(path);
      Answer head = client.send("HEAD", path, "");

      assertThat(head.status()).isEqualTo(get.status());
      assertThat(head.body()).isEmpty();
      assertThat(comparable(head.raw().headers())).isEqualTo(comparable(get.raw().headers()));
    }
  }

  @Test
  void headOfAStreamEndsAndSaysWhatItIs() {
    Answer feed = broker.send("HEAD", "/v1/feed?after=0", "");
    assertThat(feed.status()).isEqualTo(200);
    assertThat(feed.raw().headers().firstValue("Content-Type")).hasValue("application/x-ndjson");
    assertThat(anyone.send("HEAD", "/v1/feed", "").status()).isEqualTo(401);

    Answer backup = operator.send("HEAD", "/v1/backup", "");
    assertThat(backup.status()).isEqualTo(200);
    assertThat(backup.raw().headers().firstValue("Content-Type")).hasValue("application/zip");
    assertThat(backup.raw().headers().firstValue("Guardbee-Database")).isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "PUT, /v1/devices, 'GET, HEAD'",
    "DELETE, /v1/devices/d-1, 'GET, HEAD'",
    "PATCH, /v1/devices/d-1/grants, 'DELETE, GET, HEAD, POST'",
    "GET, /v1/devices/d-1/revocation, POST",
    "HEAD, /v1/devices/d-1/suspend, POST",
    "PUT, /v1/policy, 'GET, HEAD, POST'",
    "OPTIONS, /v1/factory/import, POST",
    "DELETE, /readyz, 'GET, HEAD'",
    "PUT, /ocsp, 'GET, HEAD, POST'",
    "BREW, /v1/devices, 'GET, HEAD'"
  })
  void otherMethodIsToldTheRightOnes(String method, String path, String allow) {
    Answer answer = operator.send(method, path, method.equals("PUT") ? "{}" : "");

    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.raw().headers().firstValue("Allow")).hasValue(allow);
    if (!method.equals("HEAD")) {
      assertThat(answer.reason()).isEqualTo(Reason.METHOD_NOT_ALLOWED);
      assertThat(answer.body()).contains(method);
    }
  }

  @Test
  void headerNamesNoOtherMethod() {
    String grants = "/v1/devices/d-1/grants";
    Answer answer = operator.send("GET", grants, "", "X-HTTP-Method-Override", "DELETE");
    assertThat(answer.body()).isEqualTo(operator.get(grants).body());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /ocsp HTTP/1.1\r\nHost: x\r\n",
        "POST /v1/grants HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n",
        "POST /.well-known/est/simpleenroll HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n",
        "PUT /none HTTP/1.1\r\nHost: x\r\n"
      })
  void bodyDeclaredTooLargeIsRefusedBeforeItComes(String head) throws Exception {
    try (RawTls raw = RawTls.open(service.endpoints())) {
      String answer = raw.write(head + LARGE).until("limits.requestBytes");

      assertThat(answer).startsWith("HTTP/1.1 413 ").contains("request-too-large");
      assertThat(answer).contains("Connection: close").doesNotContain("100 Continue");
    }
  }

  @ParameterizedTest
  @CsvSource({"/v1/grants, 70000", "/v1/policy, 3000000"})
  void operatorIsToldOfItToo(String path, int length) throws Exception {
    try (RawTls raw = RawTls.asOperator(service.endpoints())) {
      String answer =
          raw.write(
                  "POST "
                      + path
                      + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                      + length
                      + "\r\n\r\n")
              .until("nextStep");

      assertThat(answer).startsWith("HTTP/1.1 413 ").contains("request-too-large");
    }
  }

  /** A client that reads only when all is written, and more than the buffers of TCP hold. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 10000000\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n989680\r\n" // the same, not declared
      })
  void answerIsNotLostWhileTheBodyIsStillComing(String framing) throws Exception {
    for (String from : List.of("127.0.0.21", "127.0.0.22", "127.0.0.23")) {
      try (RawTls raw = RawTls.plain(service.endpoints(), from)) {
        raw.write("POST /ocsp HTTP/1.1\r\nHost: x\r\n" + framing);
        for (int i = 0; i < 100; i++) {
          raw.write("0".repeat(100_000));
        }
        raw.write(framing.startsWith("T") ? "\r\n0\r\n\r\n" : "");
        assertThat(raw.answer()).startsWith("HTTP/1.1 413 ").contains("request-too-large");
      }
    }
  }

  private String absolute(String target) {
    URI http = URI.create(service.endpoints().http());
    URI https = URI.create(service.endpoints().https());
    return target
        .replace("HTTPS", "https://" + https.getAuthority())
        .replace("HTTP", "http://" + http.getAuthority());
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/crl/issuing.crl, application/pkix-crl",
    "http://pki.acme.example/crl/issuing.crl, application/pkix-crl",
    "http://pki.acme.example/ocsp/MAA%3D, application/ocsp-response",
    "http://pki.acme.example/ca/root.pem, application/x-pem-file"
  })
  void absoluteTargetIsServedWhateverHostSays(String target, String type) throws Exception {
    for (String host : List.of("localhost", "pki.acme.example", "proxy.acme.example:3128")) {
      String request =
          "GET "
              + absolute(target)
              + " HTTP/1.1\r\nHost: "
              + host
              + "\r\nConnection: close\r\n\r\n";
      try (RawTls plain = RawTls.plain(service.endpoints(), "127.0.0.24");
          RawTls tls = RawTls.open(service.endpoints())) {
        assertThat(plain.write(request).answer()).startsWith("HTTP/1.1 200 ").contains(type);
        assertThat(tls.write(request).answer()).startsWith("HTTP/1.1 200 ").contains(type);
      }
    }
  }

  @Test
  void absoluteTargetMakesNoConnectionSecure() throws Exception {
    for (String target : List.of("HTTPS/v1/devices", "HTTPS/.well-known/est/cacerts")) {
      try (RawTls plain = RawTls.plain(service.endpoints(), "127.0.0.25")) {
        String answer =
            plain
                .write(
                    "GET "
                        + absolute(target)
                        + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                .answer();
        assertThat(answer).startsWith("HTTP/1.1 404 ").doesNotContain("Strict-Transport");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/readyz, no-store",
    "/v1/devices, no-store",
    "/v1/none, no-store",
    "/.well-known/est/cacerts, no-store",
    "/crl/issuing.crl, 'public, no-transform, max-age=60'",
    "/crl/none.crl, no-store",
    "/ca/root.cer, 'public, no-transform, max-age=86400'"
  })
  void answersHaveTheHeadersThatBrowsersNeed(String path, String caching) {
    for (Client client : List.of(operator, anyone)) {
      HttpHeaders headers = client.get(path).raw().headers();
      assertThat(headers.firstValue("Strict-Transport-Security")).hasValue("max-age=31536000");
      assertThat(headers.allValues("X-Content-Type-Options")).containsExactly("nosniff");
      assertThat(headers.allValues("Cache-Control")).containsExactly(caching);
    }
    assertThat(operator.post("/v1/devices/d-2/grants", "").raw().headers().map())
        .containsEntry("cache-control", List.of("no-store"));
  }

  @Test
  void answersOfTheHttpLayerHaveThemToo() throws Exception {
    String broken;
    try (RawTls tls = RawTls.open(service.endpoints())) {
      broken = tls.write("nonsense\r\n\r\n").answer();
    }
    assertThat(broken).contains("X-Content-Type-Options: nosniff", "Cache-Control: no-store");
    assertThat(broken).contains("Strict-Transport-Security: ");
    String ready;
    try (RawTls plain = RawTls.plain(service.endpoints(), "127.0.0.26")) {
      ready = plain.write("GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").answer();
    }
    assertThat(ready).contains("nosniff").doesNotContain("Strict-Transport-Security");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0\u0003\u0002\u0001\u0001", "MAMCAQE=", "0\u0000", "nonsense"})
  void documentThatIsNoneIsRefusedWithoutTheNameOfAClass(String document) {
    Answer answer = operator.post("/v1/explain", document);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).doesNotContain("java.", "Exception");
  }
}
