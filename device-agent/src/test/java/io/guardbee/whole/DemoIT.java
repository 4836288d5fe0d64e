package io.guardbee.whole;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.launch.Guardbee;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code guardbee demo}: every step goes as told. */
class DemoIT {

  private static final String[] STEPS = {
    "grant",
    "key",
    "enrol",
    "listener",
    "resume",
    "connect",
    "publish",
    "refuse",
    "revoke",
    "reconnect",
    "resume"
  };

  private final Path empty;

  DemoIT(@TempDir Path empty) {
    this.empty = empty;
  }

  @Test
  void everyStepGoesAsToldAgainAndAgainOnOneHome() {
    for (int round = 0; round < 2; round++) {
      Guardbee.Result result = Whole.here().run("demo");
      assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
      assertThat(result.out().lines().filter(line -> line.startsWith("✓")))
          .extracting(line -> line.split(" +", -1)[1])
          .containsExactly(STEPS);
      assertThat(result.out()).contains("\"acknowledged\":true", "\"sessionsEnded\":1");
    }
  }

  @Test
  void withoutARunningGuardbeeItStartsOneOfItsOwnAndRemovesIt() throws IOException {
    Guardbee.Result result =
        new Guardbee(Path.of("/usr/bin/env"), empty.resolve("home"))
            .run(
                "JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=" + empty,
                Whole.guardbee().launcher().toString(),
                "demo");
    assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
    assertThat(result.out()).contains("starting one for the demo");
    try (Stream<Path> left = Files.list(empty)) {
      assertThat(left.filter(file -> file.getFileName().toString().startsWith("guardbee")))
          .isEmpty();
    }
  }
}
