package io.guardbee.service.hsm;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.cli.Cli;
import io.guardbee.hsm.Token;
import io.guardbee.service.RunningService;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code guardbee hsm} on real homes. */
class HomeHsmCommandTest {

  @TempDir private Path directory;

  private record Said(int exit, String out, String err) {}

  private static Said run(Path home, String... args) {
    PrintStream stdout = System.out;
    PrintStream stderr = System.err;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    try {
      String[] withHome = java.util.Arrays.copyOf(args, args.length + 2);
      withHome[args.length] = "--home";
      withHome[args.length + 1] = home.toString();
      int exit = Cli.run(new HomeHsmCommand(), withHome);
      return new Said(
          exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(stdout);
      System.setErr(stderr);
    }
  }

  @Test
  void lookingMakesNothingInAHomeWithoutToken() {
    Path home = directory.resolve("nothing");

    for (String[] command : new String[][] {{"check"}, {"keys", "list"}, {"check", "--agent"}}) {
      Said said = run(home, command);
      assertThat(said.exit()).isEqualTo(1);
      assertThat(said.err()).startsWith("error: key-missing: there is no token yet in");
      assertThat(said.out()).isEmpty();
    }
    assertThat(home).doesNotExist();
  }

  @Test
  void tokenOfARunningServiceIsCheckedWithoutItsRootsKey() throws Exception {
    try (RunningService service = RunningService.start(directory.resolve("running"))) {
      Said said = run(service.home().directory(), "check", "--json");

      assertThat(said.exit()).as(said.out()).isZero();
      JsonNode report = JsonMapper.shared().readTree(said.out());
      assertThat(report.path("signatures").size()).isPositive();
      report
          .path("signatures")
          .forEach(one -> assertThat(one.path("key").asString()).isNotEqualTo("root-ca"));
    }
  }

  @Test
  void keysThatTheServiceLivesByAreNeverDestroyed() throws Exception {
    try (RunningService service = RunningService.start(directory.resolve("lives"));
        Token token = Token.open(RunningService.token())) {
      for (String label : new String[] {"root-ca", "issuing-ca", "operations-ca", "https"}) {
        Said said = run(service.home().directory(), "keys", "destroy", label, "--confirm", label);

        assertThat(said.exit()).as(label).isEqualTo(1);
        assertThat(said.err()).contains("is in use", service.home().ca().toString());
        assertThat(token.find(label)).as(label).isPresent();
      }
    }
  }

  @Test
  void keyIsNotDestroyedWhileACertificateCannotBeRead() throws Exception {
    try (RunningService service = RunningService.start(directory.resolve("damaged"))) {
      Path damaged = service.home().ca().resolve("issuing.pem");
      Files.writeString(damaged, "no certificate");

      Said said =
          run(service.home().directory(), "keys", "destroy", "issuing-ca", "--confirm=issuing-ca");

      assertThat(said.exit()).isEqualTo(1);
      assertThat(said.err()).contains(damaged.toString());
    }
    try (Token token = Token.open(RunningService.token())) {
      assertThat(token.find("issuing-ca")).isPresent();
    }
  }
}
