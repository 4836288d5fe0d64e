package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Reason;
import io.guardbee.service.Client.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator is told about a JSON body that is not the one that belongs there. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RequestBodyTest {

  private static final List<String> PATHS =
      List.of(
          "/v1/devices/d-1/grants",
          "/v1/devices/d-1/revocation",
          "/v1/devices/d-1/suspend",
          "/v1/revocations",
          "/v1/restore/certificates",
          "/v1/grants",
          "/v1/grants/g-1/names",
          "/v1/approvals/d-1",
          "/v1/policy",
          "/v1/policy/rollback",
          "/v1/policy/promote",
          "/v1/operators/operator/revocation",
          "/v1/brokers/broker/revocation",
          "/v1/factory/import");
  private static final List<String> BROKERS_PATHS =
      List.of("/v1/feed/ack", "/v1/broker/report", "/v1/broker/policy");

  private RunningService service;
  private Client operator;
  private Client broker;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    service = RunningService.start(directory.resolve("bodies"));
    operator = Client.operator(service.endpoints());
    broker = Client.broker(service);
    assertThat(operator.post("/v1/devices/d-1/grants", "").status()).isEqualTo(201);
  }

  @AfterAll
  void stop() {
    service.close();
  }

  static Stream<Arguments> unreadable() {
    List<String> bodies =
        List.of(
            "null",
            "[]",
            "7",
            "\"x\"",
            "{\"reason\":",
            "{} {}",
            "[".repeat(501),
            "{\"reason\":" + "[".repeat(501) + "]".repeat(501) + "}",
            "{\"reason\":" + "1".repeat(1001) + "}",
            "{\"reason\":\"\\ud8\"}",
            "{\"no-such-field\":1}",
            "{\"reason\":\"a\",\"reason\":\"b\"}",
            "\u0000",
            "{\"" + "x".repeat(60_000) + "\":1}");
    return Stream.concat(PATHS.stream(), Stream.of("/v1/factory/import"))
        .distinct()
        .flatMap(path -> bodies.stream().map(body -> Arguments.of(path, body)));
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  void bodyThatIsNotTheRightObjectIsRefused(String path, String body) {
    Answer answer = operator.post(path, body);

    assertThat(answer.status()).as(answer.body()).isIn(400, 413);
    assertThat(answer.body())
        .doesNotContain("java.", "jackson", "guardbee.service", "Exception", "Stream");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/grants",
        "/v1/devices/d-1/grants",
        "/v1/policy",
        "/v1/devices/d-1/revocation",
        "/v1/operators/operator/revocation",
        "/v1/approvals/d-1"
      })
  void veryLongTextIsTheCallersFault(String path) {
    String name = "n".repeat(60_000);
    for (String field :
        List.of(
            "name", "profile", "text", "reason", "serial", "kind", "decision", "comment", "mode")) {
      Answer answer = operator.post(path, "{\"" + field + "\":\"" + name + "\"}");
      assertThat(answer.status()).as(field + answer.body()).isIn(400, 413, 404);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/devices/d-1/grants|{\"validity\":1e999}",
        "/v1/devices/d-1/grants|{\"validity\":1e1000000000}",
        "/v1/devices/d-1/grants|{\"validity\":\"PT999999999999999999H\"}",
        "/v1/devices/d-1/grants|{\"validity\":\"PT9999999999999H\"}",
        "/v1/devices/d-1/grants|{\"validity\":\"PT99999999999H\"}",
        "/v1/devices/d-1/grants|{\"validity\":\"-PT1H\"}",
        "/v1/devices/d-1/grants|{\"validity\":\"P9999999D\"}",
        "/v1/devices/d-1/grants|{\"profile\":\"\\u0000\"}",
        "/v1/devices/d-1/grants|{\"profile\":\"\\ud800\"}",
        "/v1/grants|{\"kind\":\"station\",\"name\":\"s-1\",\"until\":\"+1000000000-12-31T23:59:59Z\",\"profiles\":[\"sensor\"],\"anyName\":true,\"budget\":1}",
        "/v1/grants|{\"kind\":\"station\",\"name\":\"s-2\",\"until\":\"-1000000000-01-01T00:00:00Z\",\"profiles\":[\"sensor\"],\"anyName\":true,\"budget\":1}",
        "/v1/grants|{\"kind\":\"station\",\"name\":\"s-2\",\"until\":1e400,\"profiles\":[\"sensor\"],\"anyName\":true,\"budget\":1}",
        "/v1/grants|{\"kind\":\"station\",\"name\":\"s-2\",\"profiles\":[\"sensor\"],\"anyName\":true,\"budget\":99999999999}",
        "/v1/grants|{\"kind\":\"manufacturer\",\"name\":\"s-3\",\"certificates\":\"\",\"profiles\":[\"sensor\"],\"anyName\":true,\"budget\":1}",
        "/v1/grants|{\"kind\":\"claim\",\"name\":\"s-3\",\"certificates\":\"\",\"profiles\":[\"sensor\"],\"names\":[\"a\"],\"budget\":1}",
        "/v1/grants|{\"kind\":\"manufacturer\",\"name\":\"s-3\",\"idFrom\":\"\\u0000\",\"idPattern\":\"(((((\",\"certificates\":\"\",\"profiles\":[\"sensor\"],\"anyName\":true,\"budget\":1}",
        "/v1/policy/rollback|{\"to\":-9223372036854775808}",
        "/v1/policy/rollback|{\"to\":99999999999999999999}",
        "/v1/policy|{\"text\":\"\\u0000\",\"comment\":\"\\u0000\"}",
        "/v1/policy|{\"text\":\"version: 1\\n"
            + "rules: []\\n"
            + "\",\"comment\":\"\\u0000\",\"despite\":[\"\\u0000\"]}",
        "/v1/devices/d-1/suspend|{\"reason\":\"\\u0000\\ud800\"}",
        "/v1/operators/\u0000/revocation|{\"reason\":\"keyCompromise\"}",
      })
  void valueOutOfAllBoundsIsNoServerError(String path, String body) {
    Answer answer = operator.post(path.replace("\u0000", "%00"), body);

    assertThat(answer.status()).as(answer.body()).isLessThan(500);
  }

  @Test
  void unknownFieldAndTheKnownOnesAreNamed() {
    Answer answer = operator.post("/v1/devices/d-1/grants", "{\n  \"profil\": \"sensor\"}");

    assertThat(answer.reason()).isEqualTo(Reason.REQUEST_MALFORMED);
    assertThat(answer.body()).contains("profil", "line 2", "profile, validity");
  }

  @ParameterizedTest
  @CsvSource({"/v1/feed/ack", "/v1/broker/report", "/v1/broker/policy"})
  void brokerOfALaterVersionMaySayMore(String path) {
    Answer answer = broker.post(path, "{\"event\":0,\"version\":0,\"later\":{\"x\":[1]}}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(204);
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "[]", "{\"node\":[", "{\"later\":1,\"later\":2}"})
  void brokersBodyThatDoesNotReadIsRefused(String body) {
    for (String path : BROKERS_PATHS) {
      assertThat(broker.post(path, body).reason()).isEqualTo(Reason.REQUEST_MALFORMED);
    }
  }
}
