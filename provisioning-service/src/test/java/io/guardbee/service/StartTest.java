package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.hsm.Token;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.config.Config;
import io.guardbee.service.config.ConfigFile;
import io.guardbee.service.config.Home;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** First start, next start, and starts that must not succeed. */
class StartTest {

  @TempDir private Path directory;

  private Path home(String name) {
    return directory.resolve(name);
  }

  private static Reason refusal(org.assertj.core.api.ThrowableAssert.ThrowingCallable start) {
    List<Reason> reason = new ArrayList<>();
    assertThatThrownBy(start)
        .isInstanceOfSatisfying(RefusedException.class, e -> reason.add(e.reason()));
    return reason.get(0);
  }

  @Test
  void secretsAreForTheirOwnerOnly() throws IOException {
    Path home = home("secrets");
    RunningService.start(home).close();
    try (Stream<Path> files = Files.walk(home)) {
      List<Path> secrets =
          files.filter(file -> file.toString().matches(".*\\.(key|p12)$")).toList();
      assertThat(secrets).hasSize(3);
      for (Path secret : secrets) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
            .as("%s", secret)
            .isEqualTo("rw-------");
      }
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home)))
        .isEqualTo("rwx------");
  }

  @Test
  void nextStartKeepsAuthoritiesCertificatesAndDevices() throws IOException {
    try (RunningService service = RunningService.start(home("again"))) {
      byte[] root = Files.readAllBytes(service.home().ca().resolve("root.pem"));
      byte[] operator = Files.readAllBytes(service.home().operator().resolve("operator.pem"));
      Client.operator(service.endpoints()).post("/v1/devices/d-1/grants", "");
      service.restart();
      assertThat(service.home().ca().resolve("root.pem")).hasBinaryContent(root);
      assertThat(service.home().operator().resolve("operator.pem")).hasBinaryContent(operator);
      assertThat(
              Client.operator(service.endpoints())
                  .get("/v1/devices/d-1")
                  .json()
                  .path("status")
                  .asString())
          .isEqualTo("granted");
    }
  }

  @Test
  void secondServiceOnOneHomeIsRefused() throws Exception {
    try (RunningService first = RunningService.start(home("twice"))) {
      Process second =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Main.class.getName(),
                  "service",
                  "run",
                  "--home",
                  first.home().directory().toString())
              .redirectErrorStream(true)
              .start();
      String said = new String(second.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(second.waitFor()).isEqualTo(1);
      assertThat(said.lines().filter(line -> line.startsWith("error: ")))
          .singleElement()
          .asString()
          .startsWith("error: storage-failed: database in ")
          .contains("stop the other guardbee on this home");
      assertThat(said).doesNotContain("\tat ");
      assertThat(Client.operator(first.endpoints()).get("/v1/devices").status()).isEqualTo(200);
    }
  }

  @Test
  void takenPortIsNamed() throws IOException {
    try (RunningService first = RunningService.start(home("first"))) {
      int taken = URI.create(first.endpoints().https()).getPort();
      Home second = new Home(home("second"));
      Files.createDirectories(second.directory());
      Files.writeString(
          second.config(),
          "hsm: {uri: \"" + RunningService.token() + "\"}\nlisten: {https: " + taken + "}\n");
      Config config = ConfigFile.load(second);
      assertThat(refusal(() -> ProvisioningService.start(second, config, Clock.systemUTC())))
          .isEqualTo(Reason.PORT_IN_USE);
    }
  }

  @Test
  void authorityWithoutItsKeyIsNotReplaced() throws IOException {
    try (RunningService service = RunningService.start(home("lost-key"))) {
      Path issuing = service.home().ca().resolve("issuing.pem");
      byte[] before = Files.readAllBytes(issuing);
      try (Token token = Token.open(RunningService.token())) {
        token.destroy(token.find("issuing-ca").orElseThrow());
      }
      assertThat(refusal(service::restart)).isEqualTo(Reason.KEY_MISSING);
      assertThat(issuing).hasBinaryContent(before);
    }
  }

  @Test
  void plainHttpServesOnlyWhatIsPublic() throws Exception {
    try (RunningService service = RunningService.start(home("plain"))) {
      var http = java.net.http.HttpClient.newHttpClient();
      for (var expected :
          java.util.Map.of("/readyz", 200, "/ca/root.pem", 200, "/v1/devices", 404).entrySet()) {
        var answer =
            http.send(
                java.net.http.HttpRequest.newBuilder(
                        java.net.URI.create(service.endpoints().http() + expected.getKey()))
                    .build(),
                java.net.http.HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(expected.getKey()).isEqualTo(expected.getValue());
      }
    }
  }

  @Test
  void onlyOperatorsAreToldMoreThanWhetherTheServiceIsReady() throws Exception {
    try (RunningService service = RunningService.start(home("readiness"))) {
      var plain =
          java.net.http.HttpClient.newHttpClient()
              .send(
                  java.net.http.HttpRequest.newBuilder(
                          java.net.URI.create(service.endpoints().http() + "/readyz"))
                      .build(),
                  java.net.http.HttpResponse.BodyHandlers.ofString());
      assertThat(plain.body()).isEqualTo("ready\n");
      assertThat(Client.anonymous(service.endpoints()).get("/readyz").body()).isEqualTo("ready\n");
      assertThat(Client.broker(service).get("/readyz").body()).isEqualTo("ready\n");
      assertThat(Client.operator(service.endpoints()).get("/readyz").json().path("event").asLong())
          .isPositive();
    }
  }

  @Test
  void weakTlsIsNotSpoken() throws Exception {
    try (RunningService service = RunningService.start(home("tls"))) {
      String address = service.endpoints().https().replace("https://", "");
      assertThat(openssl(address, "-tls1_3")).contains("TLSv1.3");
      assertThat(openssl(address, "-tls1_2")).contains("ECDHE-ECDSA-AES");
      assertThat(openssl(address, "-tls1_1")).doesNotContain("Cipher is ECDHE");
      assertThat(openssl(address, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"))
          .contains("Cipher is (NONE)");
    }
  }

  private static String openssl(String address, String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of("openssl", "s_client", "-connect", address));
    command.addAll(List.of(options));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }
}
