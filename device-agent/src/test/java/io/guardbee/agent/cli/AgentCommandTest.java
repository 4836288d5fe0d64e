package io.guardbee.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transcripts of what a person meets at the command line. */
class AgentCommandTest {

  private final Path home;

  AgentCommandTest(@TempDir Path home) {
    this.home = home;
  }

  @Test
  void everyCommandHasHelpWithAnExample() throws Exception {
    for (String command : new String[] {"enroll", "run", "publish", "status", "renew"}) {
      ChildJvm.Result result = guardbee("agent", command, "--help");
      assertThat(result.exitCode()).isZero();
      assertThat(result.stdout()).contains("guardbee agent " + command + " --id d-1");
    }
  }

  @Test
  void missingCommandIsMisuse() throws Exception {
    ChildJvm.Result result = guardbee("agent");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.stderr()).contains("name a command");
  }

  @Test
  void deviceThatIsNotEnrolledIsToldWhatToDo() throws Exception {
    ChildJvm.Result result = guardbee("agent", "status", "--id", "d-1", "--home", home.toString());
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.stderr())
        .startsWith("error: device-unknown: d-1 is not enrolled in ")
        .endsWith("; run guardbee agent enroll --id d-1\n");
    assertThat(result.stdout()).isEmpty();
  }

  @Test
  void idOutsideTheGrammarIsRefusedBeforeAnythingElse() throws Exception {
    ChildJvm.Result result =
        guardbee("agent", "status", "--id", "../d-1", "--home", home.toString());
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.stderr()).startsWith("error: device-id-invalid: device id \"../d-1\"");
  }

  @Test
  void serverMustBeNamedWhereNoneRunsOnThisMachine() throws Exception {
    Path token = Files.writeString(home.resolve("token"), "t0ken\n");
    ChildJvm.Result result =
        guardbee(
            "agent",
            "enroll",
            "--id",
            "d-1",
            "--token-file",
            token.toString(),
            "--home",
            home.toString());
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.stderr())
        .startsWith("error: configuration-invalid: --server is missing")
        .doesNotContain("t0ken");
  }

  @Test
  void waitThatIsNoDurationIsMisuse() throws Exception {
    ChildJvm.Result result =
        guardbee("agent", "enroll", "--id", "d-1", "--token-file", "t", "--wait", "soon");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.stderr()).contains("'soon' is no duration such as 90s, 10m, 2h or 1d");
  }

  @Test
  void missingTokenFileIsNamed() throws Exception {
    ChildJvm.Result result =
        guardbee("agent", "enroll", "--id", "d-1", "--token-file", home + "/none");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.stderr()).contains("no such file: " + home + "/none");
  }

  private static ChildJvm.Result guardbee(String... args) throws IOException, InterruptedException {
    return ChildJvm.run(io.guardbee.agent.Main.class, Map.of(), args);
  }
}
