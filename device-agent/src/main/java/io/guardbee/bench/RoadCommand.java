package io.guardbee.bench;

import io.guardbee.cli.HomeOption;
import io.guardbee.launch.Guardbee;
import io.guardbee.launch.RunningUp;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

@Command(
    name = "road",
    description = {
      "Enrolments a second; full mTLS connects a second against the same broker with a permit-all",
      "extension; revocation to closed connection against one message's round trip."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  guardbee bench road",
      "  guardbee bench road --seconds 60 --json > road.json",
      "",
      "Takes about four minutes on a machine that does nothing else; clients and servers share its",
      "processors."
    })
final class RoadCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private HomeOption home = new HomeOption();

  @Option(
      names = "--seconds",
      defaultValue = "20",
      paramLabel = "N",
      description = "how long each rate is measured (default: ${DEFAULT-VALUE})")
  private long seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "30",
      paramLabel = "N",
      description =
          "seconds before each measurement, at least; longer while it still grows faster"
              + " (default: ${DEFAULT-VALUE})")
  private long warmUp;

  @Option(names = "--json", description = "one JSON object instead of the table")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    PrintWriter narration = spec.commandLine().getErr();
    narration.println("starting a guardbee up in a temporary home");
    narration.flush();
    RoadFigures figures;
    try (RunningUp up = Guardbee.of(home.directory()).inTemporaryHome().up()) {
      RoadBench.Lengths lengths = new RoadBench.Lengths(seconds, warmUp);
      figures = new RoadBench(up, lengths, Clock.systemUTC(), narration).run();
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(JsonMapper.builder().build().writeValueAsString(figures.json()));
    } else {
      figures.table(out);
    }
    return 0;
  }
}
