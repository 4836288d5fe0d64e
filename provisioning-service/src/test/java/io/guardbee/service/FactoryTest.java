package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Bulk enrolment, by the commands a factory line runs. */
class FactoryTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir private Path directory;
  private RunningService service;

  @BeforeEach
  void start() throws IOException {
    service = RunningService.start(directory.resolve("factory-" + directory.getFileName()));
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private int run(String... args) {
    String[] all = new String[args.length + 2];
    System.arraycopy(args, 0, all, 0, args.length);
    all[args.length] = "--home";
    all[args.length + 1] = service.home().directory().toString();
    return Cli.run(new Main(), all);
  }

  private Path write(String name, List<String> lines) throws IOException {
    return Files.write(directory.resolve(name), lines);
  }

  private static String row(String id, Csr csr) {
    return JSON.createObjectNode().put("deviceId", id).put("csr", csr.base64()).toString();
  }

  private List<JsonNode> enroll(Path csrs, Path out, int exitCode) throws IOException {
    assertThat(run("factory", "enroll", "--csrs", csrs.toString(), "--out", out.toString()))
        .isEqualTo(exitCode);
    return Files.readAllLines(out).stream().map(JSON::readTree).toList();
  }

  private static List<String> serials(List<JsonNode> results) {
    return results.stream().map(result -> result.path("serial").asString()).toList();
  }

  @Test
  void everyRowGetsItsResultInOrder() throws IOException {
    List<String> rows =
        IntStream.range(0, 300).mapToObj(i -> row("f-" + i, Csr.of(Csr.newKey()))).toList();
    List<JsonNode> results = enroll(write("csrs", rows), directory.resolve("out"), 0);
    assertThat(results)
        .extracting(result -> result.path("deviceId").asString())
        .containsExactlyElementsOf(IntStream.range(0, 300).mapToObj(i -> "f-" + i).toList());
    assertThat(results).allMatch(result -> result.path("status").asString().equals("issued"));
  }

  @Test
  void runAgainIssuesNothingTwice() throws IOException {
    List<String> rows =
        IntStream.range(0, 20).mapToObj(i -> row("f-" + i, Csr.of(Csr.newKey()))).toList();
    Path csrs = write("csrs", rows);
    Path out = directory.resolve("out");
    List<JsonNode> first = enroll(csrs, out, 0);
    String text = Files.readString(out);
    Files.writeString(out, text.substring(0, text.length() / 2)); // as a power cut leaves it
    assertThat(serials(enroll(csrs, out, 0))).containsExactlyElementsOf(serials(first));
    Files.delete(out);
    assertThat(serials(enroll(csrs, out, 0))).containsExactlyElementsOf(serials(first));
  }

  private static List<String> reasons(List<JsonNode> results) {
    return results.stream().map(result -> result.path("reason").asString("")).toList();
  }

  @Test
  void badRowsAreNamedAndTheOthersIssued() throws IOException {
    Path csrs =
        write(
            "csrs",
            List.of(
                row("good", Csr.of(Csr.newKey())),
                "garbage",
                row("a/b", Csr.of(Csr.newKey())),
                row("named", Csr.of(Csr.newKey()).subject("CN=other"))));
    List<JsonNode> results = enroll(csrs, directory.resolve("out"), 1);
    assertThat(reasons(results))
        .containsExactly("", "request-malformed", "device-id-invalid", "csr-name-mismatch");
    assertThat(results).allMatch(result -> result.path("row").asInt() > 0);
  }

  @Test
  void keyOrDeviceThatHasACertificateGetsNoOther() throws IOException {
    Csr csr = Csr.of(Csr.newKey());
    enroll(write("first", List.of(row("good", csr))), directory.resolve("first-out"), 0);
    Path second = write("second", List.of(row("thief", csr), row("good", Csr.of(Csr.newKey()))));
    assertThat(reasons(enroll(second, directory.resolve("second-out"), 1)))
        .containsExactly("key-bound-to-other-device", "device-exists");
  }

  @Test
  void importWritesAPrivateFileOfGoodTokens() throws IOException {
    Path csv =
        write("devices.csv", List.of("deviceId,profile", "i-1,sensor", "i-2,gateway", "i-3,"));
    Path out = directory.resolve("tokens.csv");
    assertThat(run("factory", "import", csv.toString(), "--out", out.toString())).isZero();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(out)))
        .isEqualTo("rw-------");
    List<String> lines = Files.readAllLines(out);
    assertThat(lines.get(0)).isEqualTo("deviceId,token,expires");
    String[] second = lines.get(2).split(",", 3);
    assertThat(second[0]).isEqualTo("i-2");
    assertThat(
            Client.anonymous(service.endpoints())
                .enrol("/simpleenroll", "i-2", second[1], Csr.of(Csr.newKey()).base64())
                .certificates()
                .get(0)
                .getSubjectX500Principal()
                .getName())
        .contains("OU=gateway");
  }

  @Test
  void importIsAllOrNothingAndNeverOverwrites() throws IOException {
    Path out = directory.resolve("tokens.csv");
    for (List<String> bad :
        List.of(
            List.of("deviceId,profile", "i-1,", "i/2,"),
            List.of("deviceId,profile", "i-1,", "i-2,nonsense"),
            List.of("deviceId,profile", "i-1,", "i-1,"),
            List.of("name,profile", "i-1,"),
            List.of("deviceId,profile"))) {
      Path csv = write("devices.csv", bad);
      assertThat(run("factory", "import", csv.toString(), "--out", out.toString())).isEqualTo(1);
      assertThat(out).doesNotExist();
    }
    assertThat(Client.operator(service.endpoints()).get("/v1/devices").json().path("devices"))
        .isEmpty();
    Files.writeString(out, "precious");
    Path csv = write("devices.csv", List.of("deviceId,profile", "i-1,"));
    assertThat(run("factory", "import", csv.toString(), "--out", out.toString())).isEqualTo(1);
    assertThat(out).hasContent("precious");
  }
}
