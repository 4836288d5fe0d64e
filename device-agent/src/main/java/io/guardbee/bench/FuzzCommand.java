package io.guardbee.bench;

import io.guardbee.cli.HomeOption;
import io.guardbee.launch.Guardbee;
import io.guardbee.launch.RunningUp;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

@Command(
    name = "fuzz",
    description = {
      "Sends damaged requests (certificate requests, base64, Basic headers, labels, JSON of an"
          + " operator",
      "for every route, headers, HTTP framing) and looks for a 500, a stack trace, or a certificate"
          + " that was not asked for.",
      "Exit 1 when there was one."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  guardbee bench fuzz",
      "  guardbee bench fuzz --inputs 20000 --seed 7",
      "",
      "The same seed sends the same requests. A finding is printed with its request."
    })
final class FuzzCommand implements Callable<Integer> {

  /** One address asks as fast as it can. */
  static final String CONFIGURATION =
      "limits: {perAddress: 0, perIdentity: 0, handshakesPerAddress: 0}\n";

  private static final int FAILED = 1;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private HomeOption home = new HomeOption();

  @Option(
      names = "--inputs",
      defaultValue = "1000000",
      paramLabel = "N",
      description = "how many requests (default: ${DEFAULT-VALUE})")
  private int inputs;

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "N",
      description = "of the damage (default: ${DEFAULT-VALUE})")
  private long seed;

  @Option(
      names = "--clients",
      defaultValue = "8",
      paramLabel = "N",
      description = "how many send at the same time (default: ${DEFAULT-VALUE})")
  private int clients;

  @Option(names = "--json", description = "one JSON object instead of the table")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    PrintWriter narration = spec.commandLine().getErr();
    narration.println("starting a guardbee up in a temporary home");
    narration.flush();
    Guardbee guardbee = Guardbee.of(home.directory()).inTemporaryHome();
    Files.writeString(guardbee.home().resolve("config.yaml"), CONFIGURATION);
    FuzzBench.Outcome outcome;
    try (RunningUp up = guardbee.up()) {
      outcome = new FuzzBench(up).run(inputs, seed, clients);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(JsonMapper.builder().build().writeValueAsString(outcome));
    } else {
      out.printf(
          Locale.ROOT,
          "%,d damaged requests, %.0f/s, seed %d%n",
          outcome.inputs(),
          outcome.inputs() / outcome.seconds(),
          seed);
      outcome
          .answers()
          .forEach(
              (status, count) ->
                  out.printf("%8d  %s%n", count, status == 0 ? "closed or waiting" : status));
      outcome.findings().forEach(finding -> out.println("FOUND " + finding));
      out.println(outcome.findings().isEmpty() ? "nothing found" : "not good");
    }
    return outcome.findings().isEmpty() ? 0 : FAILED;
  }
}
