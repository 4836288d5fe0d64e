package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.cli.Cli;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The audit log as operators and auditors meet it. */
class AuditTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir private Path directory;
  private RunningService service;
  private Client operator;
  private Client anyone;

  @BeforeEach
  void start() throws IOException {
    service = RunningService.start(directory.resolve("home"));
    connect();
  }

  private void connect() {
    operator = Client.operator(service.endpoints());
    anyone = Client.anonymous(service.endpoints());
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private record Said(int exit, String out, String err) {}

  private Said guardbee(Object... args) {
    PrintStream stdout = System.out;
    PrintStream stderr = System.err;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    try {
      List<String> all = new ArrayList<>(List.of("audit"));
      for (Object arg : args) {
        all.add(arg.toString());
      }
      all.addAll(List.of("--home", service.home().directory().toString()));
      int exit = Cli.run(new Main(), all.toArray(new String[0]));
      return new Said(
          exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(stdout);
      System.setErr(stderr);
    }
  }

  private Path export() throws IOException {
    Said said = guardbee("export");
    assertThat(said.exit()).as(said.err()).isZero();
    Path file = directory.resolve("audit.ndjson");
    Files.writeString(file, said.out());
    return file;
  }

  /** The entries, without the head. */
  private List<JsonNode> entries() throws IOException {
    List<String> lines = Files.readAllLines(export());
    return lines.subList(0, lines.size() - 1).stream().map(JSON::readTree).toList();
  }

  private List<JsonNode> entries(String action) throws IOException {
    return entries().stream()
        .filter(entry -> entry.path("action").asString().equals(action))
        .toList();
  }

  private String grant(String id) {
    return operator.post("/v1/devices/" + id + "/grants", "").json().path("token").asString();
  }

  @Test
  void lifeOfADeviceIsOnRecord() throws Exception {
    String token = grant("d-1");
    KeyPair key = Csr.newKey();
    var issued =
        anyone.enrol("/simpleenroll", "d-1", token, Csr.of(key).base64()).certificates().get(0);
    Client.with(service.endpoints(), key, issued).renew(Csr.of(key).base64());
    operator.post("/v1/devices/d-1/revocation", "{\"reason\":\"keyCompromise\"}");
    assertThat(anyone.enrol("/simpleenroll", "d-1", token, Csr.of(Csr.newKey()).base64()).reason())
        .isIn(Reason.TOKEN_USED, Reason.TOKEN_EXPIRED);

    List<JsonNode> mine =
        entries().stream()
            .filter(
                entry ->
                    entry.path("subject").asString().equals("device:d-1")
                        || entry.path("actor").asString().equals("caller:d-1"))
            .toList();
    assertThat(mine)
        .extracting(entry -> entry.path("action").asString())
        .containsExactly(
            "grant-made",
            "certificate-issued",
            "certificate-issued",
            "device-revoked",
            "request-refused");
    assertThat(mine)
        .extracting(entry -> entry.path("actor").asString())
        .containsExactly(
            "operator:operator", "device:d-1", "device:d-1", "operator:operator", "caller:d-1");
    JsonNode issue = mine.get(1).path("values");
    assertThat(issue.path("serial").asString())
        .isEqualToIgnoringCase(issued.getSerialNumber().toString(16));
    assertThat(issue.path("way").asString()).isEqualTo("token");
    assertThat(issue.path("right").asString())
        .isEqualTo(mine.get(0).path("values").path("right").asString());
    assertThat(mine.get(4).path("address").asString()).isEqualTo("127.0.0.1");
    assertThat(Files.readString(export())).doesNotContain(token); // no secret
    assertThat(guardbee("verify").exit()).isZero();
  }

  @Test
  void factoryRowsAreOnRecordOneByOne() throws Exception {
    operator.post("/v1/factory/import", "{\"deviceId\":\"f-1\"}\n{\"deviceId\":\"f-2\"}\n");
    String csr = Csr.of(Csr.newKey()).base64();
    operator.post(
        "/v1/factory/enroll",
        "{\"deviceId\":\"f-1\",\"csr\":\""
            + csr
            + "\"}\n{\"deviceId\":\"f-3\",\"csr\":\""
            + csr
            + "\"}\n");
    assertThat(entries("grant-made")).hasSize(2);
    assertThat(entries("certificate-issued"))
        .filteredOn(entry -> entry.path("values").path("way").asString().equals("operator"))
        .singleElement()
        .satisfies(
            entry -> assertThat(entry.path("actor").asString()).isEqualTo("operator:operator"));
    assertThat(entries("request-refused"))
        .singleElement()
        .satisfies(
            entry ->
                assertThat(entry.path("values").path("reason").asString())
                    .isEqualTo("key-bound-to-other-device"));
  }

  @Test
  void settingsAndCeremoniesAreOnRecordOnceEach() throws Exception {
    assertThat(entries("ceremony-held")).hasSize(1);
    assertThat(entries("configuration-changed")).hasSize(1);
    Files.writeString(
        service.home().config(),
        "\ntokens:\n  validity: PT1H\n",
        java.nio.file.StandardOpenOption.APPEND);

    service.restart();
    connect();

    assertThat(entries("ceremony-held")).hasSize(1);
    assertThat(entries("configuration-changed"))
        .element(1)
        .satisfies(
            entry ->
                assertThat(entry.path("values").path("changed").asString())
                    .contains("tokens.validity")
                    .doesNotContain("profiles"));
    assertThat(guardbee("verify").exit()).isZero();
  }

  @Test
  void exportIsVerifiedWithoutServiceAndWithOrdinaryTools() throws Exception {
    grant("d-1");
    Path export = export();
    Path root = Files.copy(service.home().ca().resolve("root.pem"), directory.resolve("root.pem"));
    service.close();

    assertThat(guardbee("verify", export, "--trust", root).exit()).isZero();

    List<String> lines = Files.readAllLines(export);
    Path first = directory.resolve("first");
    Files.writeString(first, lines.get(0) + "\n");
    String sum = OpenSsl.run("dgst", "-sha256", "-r", first).said().substring(0, 64);
    assertThat(lines.get(1)).startsWith("{\"number\":2,\"previous\":\"sha256:" + sum + "\",");

    JsonNode head = JSON.readTree(lines.get(lines.size() - 1));
    Path text = Files.writeString(directory.resolve("head"), head.path("head").asString());
    Path signature =
        Files.write(
            directory.resolve("head.sig"),
            Base64.getDecoder().decode(head.path("signature").asString()));
    Path signer =
        Files.write(
            directory.resolve("signer.der"),
            Base64.getDecoder().decode(head.path("certificate").asString()));
    Path pem =
        Files.writeString(
            directory.resolve("signer.pem"),
            Pem.certificate(Pem.decode(Files.readAllBytes(signer))));
    assertThat(OpenSsl.run("verify", "-x509_strict", "-CAfile", root, pem).exitCode()).isZero();
    Path key =
        Files.writeString(
            directory.resolve("signer.pub"),
            OpenSsl.run("x509", "-in", pem, "-noout", "-pubkey").said());
    assertThat(OpenSsl.run("dgst", "-sha256", "-verify", key, "-signature", signature, text).said())
        .contains("Verified OK");
  }

  @Test
  void changedExportIsFoundAndSaysWhere() throws Exception {
    grant("d-1");
    Path export = export();
    String text = Files.readString(export);
    Files.writeString(export, text.replace("device:d-1", "device:d-2"));

    Said said = guardbee("verify", export, "--json");

    assertThat(said.exit()).isEqualTo(1);
    long changed = text.substring(0, text.indexOf("device:d-1")).lines().count();
    assertThat(said.err()).contains("problem: entry " + changed + " was changed");
    assertThat(JSON.readTree(said.out()).path("good").asBoolean()).isFalse();
  }

  @Test
  void logGoesOnFromAnEarlierExport() throws Exception {
    Path earlier = Files.copy(export(), directory.resolve("earlier.ndjson"));
    grant("d-1");
    assertThat(guardbee("verify", "--against", earlier).exit()).isZero();
    assertThat(guardbee("verify", earlier, "--against", export()).exit()).isEqualTo(1);
  }

  @Test
  void logIsForOperatorsOnly() {
    KeyPair key = Csr.newKey();
    var issued =
        anyone
            .enrol("/simpleenroll", "d-1", grant("d-1"), Csr.of(key).base64())
            .certificates()
            .get(0);
    for (String path : List.of("/v1/audit", "/v1/audit/head")) {
      assertThat(anyone.get(path).reason()).isEqualTo(Reason.CERTIFICATE_MISSING);
      assertThat(Client.with(service.endpoints(), key, issued).get(path).reason())
          .isEqualTo(Reason.ROLE_MISSING);
      assertThat(operator.get(path).status()).isEqualTo(200);
    }
    assertThat(operator.get("/v1/audit?after=-1").reason()).isEqualTo(Reason.REQUEST_MALFORMED);
    assertThat(operator.get("/v1/audit?after=1&limit=1").body().lines()).hasSize(1);
  }

  @Test
  void refusalsOfAnAttackerDoNotFillTheDisk() throws Exception {
    for (int i = 0; i < 400; i++) {
      anyone.enrol("/simpleenroll", "x-" + i, "wrong", Csr.of(Csr.newKey()).base64());
    }
    assertThat(entries("request-refused")).hasSizeBetween(200, 210);
    assertThat(entries("refusals-counted")).isNotEmpty();
    assertThat(guardbee("verify").exit()).isZero();
  }
}
