package io.guardbee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.testing.ChildJvm;
import java.io.EOFException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Exit codes and streams as a shell sees them. */
class CliTest {

  @Test
  void dataGoesToStdout() throws Exception {
    ChildJvm.Result result = run("none");

    assertThat(result).isEqualTo(new ChildJvm.Result(0, "data\n", ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "refused|token-used: token is used; ask for another",
        "missing|storage-failed: no such file: /x/y; check the path",
        "denied|storage-failed: no permission for /x/y; run as the owner of the home directory",
        "full|storage-failed: /x/y: No space left on device",
        "unchecked|storage-failed: no such file: /x/y; check the path",
        "wordless|storage-failed: eof"
      })
  void failureIsOneLineOnStderr(String failure, String line) throws Exception {
    ChildJvm.Result result = run(failure);

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.stdout()).isEmpty();
    assertThat(result.stderr().strip()).startsWith("error: " + line).hasLineCount(1);
  }

  @Test
  void defectSaysHowToReportIt() throws Exception {
    ChildJvm.Result result = run("defect");

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.stdout()).isEmpty();
    assertThat(result.stderr())
        .startsWith("error: internal: ")
        .contains("two\\u000Alines", "GUARDBEE_DEBUG=1")
        .hasLineCount(1);
  }

  @Test
  void stackTraceOnlyWhenAskedFor() throws Exception {
    ChildJvm.Result result = ChildJvm.run(Bee.class, Map.of("GUARDBEE_DEBUG", "1"), "defect");

    assertThat(result.stderr()).contains("\tat ");
    assertThat(result.stdout()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "--colour none, --colour",
    "'', Missing",
    "none extra, extra",
    "--kind=nonsense none, nonsense"
  })
  void misuseIsTwoAndTellsTheUsage(String line, String told) throws Exception {
    ChildJvm.Result result = run(line.isEmpty() ? new String[0] : line.split(" ", -1));

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.stdout()).isEmpty();
    assertThat(result.stderr()).contains(told, "Usage: bee");
  }

  @Test
  void optionValuesMayBeWrittenInAnyCase() throws Exception {
    assertThat(run("--kind=worker", "none").stdout()).isEqualTo("WORKER\n");
  }

  @Test
  void helpIsDataAndNoError() throws Exception {
    ChildJvm.Result result = run("--help");

    assertThat(result.exitCode()).isZero();
    assertThat(result.stdout()).startsWith("Usage: bee");
    assertThat(result.stderr()).isEmpty();
  }

  private static ChildJvm.Result run(String... args) throws Exception {
    return ChildJvm.run(Bee.class, Map.of(), args);
  }

  /** A command that fails as told. */
  @Command(name = "bee", mixinStandardHelpOptions = true)
  public static final class Bee implements Callable<Integer> {

    enum Kind {
      WORKER
    }

    @Spec private CommandSpec spec;

    @Parameters private String failure;

    @Option(names = "--kind")
    private @Nullable Kind kind;

    public static void main(String[] args) {
      System.exit(Cli.run(new Bee(), args));
    }

    @Override
    public Integer call() throws Exception {
      switch (failure) {
        case "refused" ->
            throw new RefusedException(Reason.TOKEN_USED, "token is used", "ask for another");
        case "missing" -> throw new NoSuchFileException("/x/y");
        case "denied" -> throw new AccessDeniedException("/x/y");
        case "full" -> throw new FileSystemException("/x/y", null, "No space left on device");
        case "unchecked" -> throw new UncheckedIOException(new NoSuchFileException("/x/y"));
        case "wordless" -> throw new EOFException();
        case "defect" -> throw new IllegalStateException("two\nlines");
        default -> spec.commandLine().getOut().println(kind == null ? "data" : kind);
      }
      return 0;
    }
  }
}
