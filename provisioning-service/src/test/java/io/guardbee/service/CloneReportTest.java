package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Serial;
import io.guardbee.service.Client.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What a broker, and a thief of its key, can bring about by reporting clones. */
class CloneReportTest {

  private static final String SUSPENDING =
      "version: 1\\nrules:\\n  - {name: a, \\\"clones\\\": suspend, allow: []}\\n";

  private final Hand clock = new Hand();
  private RunningService service;
  private Client operator;
  private Client broker;
  private String node;

  @BeforeEach
  void start(@TempDir Path directory) throws IOException {
    service =
        RunningService.start(
            clock,
            directory.resolve("clones"),
            "clones: {perMinute: 2, perDay: 4}",
            "revocation: {acknowledgeTimeout: PT5S}");
    connect();
  }

  private void connect() {
    operator = Client.operator(service.endpoints());
    broker = Client.broker(service);
    node = Client.nodeName(service);
  }

  @AfterEach
  void stop() {
    service.close();
  }

  /** Its serial number. */
  private String enrolled(String id) {
    String token =
        operator.post("/v1/devices/" + id + "/grants", "").json().path("token").asString();
    Answer answer =
        Client.anonymous(service.endpoints())
            .enrol("/simpleenroll", id, token, Csr.of(Csr.newKey()).base64());
    return Serial.of(answer.certificates().get(0)).toString();
  }

  private void apply(String text) {
    Answer answer = operator.post("/v1/policy", "{\"mode\":\"enforce\",\"text\":\"" + text + "\"}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  private static String clone(String device, String serial) {
    return "{\"deviceId\":\"%s\",\"serial\":\"%s\",\"addresses\":[\"192.0.2.1\"],\"action\":\"suspend\"}"
        .formatted(device, serial);
  }

  private void report(String clones) {
    Answer answer = broker.post("/v1/broker/report", "{\"clones\":[" + clones + "]}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(204);
  }

  private String statusAfterReport(String device, String serial) {
    report(clone(device, serial));
    return status(device);
  }

  private String status(String device) {
    return operator.get("/v1/devices/" + device).json().path("status").asString();
  }

  private JsonNode alarm() {
    JsonNode one = operator.get("/v1/brokers").json().path("brokers").get(0);
    assertThat(one.path("node").asString()).isEqualTo(node);
    return one.path("alarm");
  }

  private String audit() {
    assertThat(operator.get("/v1/audit/head").status()).isEqualTo(200); // seals
    return operator.get("/v1/audit?after=0").body();
  }

  @Test
  void deviceIsSuspendedOnlyIfThePolicyInForceSaysSo() {
    String serial = enrolled("twin-1");
    assertThat(statusAfterReport("twin-1", serial)).as("no version").isEqualTo("active");
    apply("version: 1 # clones: suspend");
    clock.advance(Duration.ofMinutes(2));
    assertThat(statusAfterReport("twin-1", serial)).as("a comment").isEqualTo("active");
    assertThat(alarm().path("detail").asString())
        .contains("device \"twin-1\" was not suspended")
        .contains("does not say clones: suspend");
    assertThat(alarm().path("times").asInt()).isEqualTo(2);
    assertThat(audit()).contains("\"suspension\":\"not suspended: the policy");
    apply(SUSPENDING);
    clock.advance(Duration.ofMinutes(2));
    assertThat(statusAfterReport("twin-1", serial)).isEqualTo("suspended");
    assertThat(operator.get("/v1/explain?device=twin-1").body()).contains("is in two places");
    assertThat(audit()).contains("\"suspension\":\"suspended\"");
  }

  /** A thief of a broker's key file has met no device, so it knows no serial number. */
  @Test
  void brokerHasToKnowAGoodCertificateOfTheDevice() {
    apply(SUSPENDING);
    String mine = enrolled("twin-1");
    enrolled("twin-2");
    for (String serial : new String[] {mine, "0C", "null", ""}) {
      assertThat(statusAfterReport("twin-2", serial)).as(serial).isEqualTo("active");
    }
    report(clone("nobody", mine) + "," + clone("no/name", mine));
    assertThat(statusAfterReport("twin-1", mine)).as("no place was used up").isEqualTo("suspended");
    assertThat(alarm().path("detail").asString()).contains("no/name");
  }

  @Test
  void brokerHasFewDevicesSuspendedAMinuteAndADayAndARestartGivesItNoMore() throws Exception {
    apply(SUSPENDING);
    String[] serials = new String[7];
    for (int i = 0; i < serials.length; i++) {
      serials[i] = enrolled("d-" + i);
    }
    assertThat(statusAfterReport("d-0", serials[0])).isEqualTo("suspended");
    assertThat(statusAfterReport("d-1", serials[1])).isEqualTo("suspended");
    assertThat(statusAfterReport("d-2", serials[2])).isEqualTo("active");
    assertThat(alarm().path("detail").asString()).contains("has 2 suspended a minute");
    assertThat(operator.post("/v1/devices/d-0/reinstate", "").status()).isEqualTo(200);
    service.restart();
    connect();
    assertThat(statusAfterReport("d-2", serials[2])).as("after a restart").isEqualTo("active");

    clock.advance(Duration.ofMinutes(2));
    assertThat(statusAfterReport("d-2", serials[2])).isEqualTo("suspended");
    assertThat(statusAfterReport("d-2", serials[2])).as("told again").isEqualTo("suspended");
    assertThat(statusAfterReport("d-3", serials[3])).isEqualTo("suspended");
    clock.advance(Duration.ofHours(20));
    assertThat(statusAfterReport("d-4", serials[4])).isEqualTo("active");
    assertThat(alarm().path("detail").asString()).contains("has 4 suspended a day");
    assertThat(operator.post("/v1/devices/d-4/suspend", "").status())
        .as("operators have no limit")
        .isEqualTo(200);
    clock.advance(Duration.ofHours(5));
    assertThat(statusAfterReport("d-5", serials[5])).isEqualTo("suspended");
  }

  @Test
  void floodOfReportsIsCountedAndNotRecordedOneByOne() {
    StringBuilder flood = new StringBuilder(clone("x-0", "0A"));
    for (int i = 1; i < 100; i++) {
      flood.append(',').append(clone("x-" + i, "0A"));
    }
    report(flood.toString());
    report(flood.toString().replace("x-", "y-"));
    assertThat(audit().lines().filter(line -> line.contains("clone-suspected"))).hasSize(30);
    assertThat(alarm().path("times").asInt()).isEqualTo(200);
    assertThat(alarm().path("detail").asString()).contains("only counted");
  }

  @Test
  void settingOfTheInstallationTurnsItOff(@TempDir Path other) throws IOException {
    service.close();
    service = RunningService.start(clock, other.resolve("off"), "clones: {suspend: false}");
    connect();
    apply(SUSPENDING);
    assertThat(statusAfterReport("d-1", enrolled("d-1"))).isEqualTo("active");
    assertThat(alarm().path("detail").asString()).contains("clones.suspend is off");
  }
}
