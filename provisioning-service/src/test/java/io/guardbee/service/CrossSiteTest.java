package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Reason;
import io.guardbee.service.Client.Answer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a foreign page can make a browser send that holds the operator's certificate. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CrossSiteTest {

  private static final String REVOKE = "{\"reason\":\"keyCompromise\"}";

  private RunningService service;
  private Client operator;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    service = RunningService.start(directory.resolve("cross-site"));
    operator = Client.operator(service.endpoints());
    assertThat(operator.post("/v1/devices/d-1/grants", "").status()).isEqualTo(201);
  }

  @AfterAll
  void stop() {
    service.close();
  }

  private String own() {
    return service.endpoints().https();
  }

  private String state() {
    return operator.get("/v1/devices/d-1").json().path("status").asString();
  }

  private Answer fromBrowser(String path, String body, String... headers) {
    return operator.send("POST", path, body, headers);
  }

  @ParameterizedTest
  @CsvSource({"revocation", "suspend"})
  void foreignPageChangesNothing(String action) {
    String path = "/v1/devices/d-1/" + action;
    String before = state();

    Answer form =
        fromBrowser(
            path,
            REVOKE,
            "Content-Type",
            "text/plain",
            "Origin",
            "https://evil.example",
            "Sec-Fetch-Site",
            "cross-site",
            "Sec-Fetch-Mode",
            "no-cors");
    Answer typed =
        fromBrowser(
            path, REVOKE, "Content-Type", "application/json", "Origin", "https://evil.example");
    Answer sandboxed =
        fromBrowser(path, REVOKE, "Content-Type", "application/json", "Origin", "null");
    Answer sibling =
        fromBrowser(
            path, REVOKE, "Content-Type", "application/json", "Sec-Fetch-Site", "same-site");

    for (Answer answer : new Answer[] {form, typed, sandboxed, sibling}) {
      assertThat(answer.status()).as(answer.body()).isEqualTo(403);
      assertThat(answer.reason()).isEqualTo(Reason.CROSS_SITE);
      assertThat(answer.raw().headers().map().keySet())
          .noneMatch(name -> name.toLowerCase(java.util.Locale.ROOT).startsWith("access-control-"));
    }
    assertThat(state()).isEqualTo(before);
  }

  @Test
  void requestWithoutBodyIsNoWayAround() {
    assertThat(
            fromBrowser("/v1/devices/d-1/suspend", "", "Origin", "https://evil.example").reason())
        .isEqualTo(Reason.CROSS_SITE);
    assertThat(operator.send("DELETE", "/v1/devices/d-1/grants", "", "Origin", "null").reason())
        .isEqualTo(Reason.CROSS_SITE);
  }

  @Test
  void readingIsRefusedToo() {
    assertThat(operator.send("GET", "/v1/devices", "", "Sec-Fetch-Site", "cross-site").reason())
        .isEqualTo(Reason.CROSS_SITE);
  }

  @Test
  void preflightGivesNoPermission() {
    Answer answer =
        operator.send(
            "OPTIONS",
            "/v1/devices/d-1/suspend",
            "",
            "Origin",
            "https://evil.example",
            "Access-Control-Request-Method",
            "POST",
            "Access-Control-Request-Headers",
            "content-type");

    assertThat(answer.status()).isGreaterThanOrEqualTo(400);
    assertThat(answer.raw().headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/devices/d-1/revocation, text/plain, application/json",
    "/v1/devices/d-1/suspend, application/x-www-form-urlencoded, application/json",
    "/v1/policy, multipart/form-data; boundary=x, application/json",
    "/v1/factory/import, text/plain, application/x-ndjson",
    "/v1/factory/enroll, application/json, application/x-ndjson",
    "/v1/explain, text/plain, application/pkcs10"
  })
  void bodyOfAnotherMediaTypeIsRefusedAndTheRightOneNamed(
      String path, String sent, String expected) {
    Answer answer = fromBrowser(path, REVOKE, "Content-Type", sent);

    assertThat(answer.status()).isEqualTo(415);
    assertThat(answer.reason()).isEqualTo(Reason.MEDIA_TYPE_UNSUPPORTED);
    assertThat(answer.json().path("nextStep").asString()).contains(expected);
    assertThat(answer.raw().headers().firstValue("Accept").orElse("")).contains(expected);
  }

  @Test
  void bodyWithoutMediaTypeIsRefused() {
    assertThat(fromBrowser("/v1/devices/d-1/suspend", "{}").reason())
        .isEqualTo(Reason.MEDIA_TYPE_UNSUPPORTED);
  }

  @Test
  void ownPagesAndProgramsGoOn() {
    assertThat(operator.post("/v1/devices/d-2/grants", "{}").status()).isEqualTo(201);
    assertThat(
            fromBrowser(
                    "/v1/devices/d-3/grants",
                    "{}",
                    "Content-Type",
                    "application/json; charset=utf-8",
                    "Origin",
                    own(),
                    "Sec-Fetch-Site",
                    "same-origin")
                .status())
        .isEqualTo(201);
    assertThat(operator.send("GET", "/v1/devices", "", "Sec-Fetch-Site", "none").status())
        .isEqualTo(200);
  }
}
