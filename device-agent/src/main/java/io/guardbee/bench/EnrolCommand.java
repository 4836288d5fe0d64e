package io.guardbee.bench;

import io.guardbee.cli.HomeOption;
import io.guardbee.launch.Guardbee;
import io.guardbee.launch.RunningUp;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

@Command(
    name = "enrol",
    description = {
      "Enrolments a second on kept connections and with a connection each, and renewals over mTLS,",
      "against what the same threads sign without network and database; and their cost in a",
      "database that has grown."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  guardbee bench enrol",
      "  guardbee bench enrol --clients 16 --certificates 1000000 --json > enrol.json",
      "",
      "Every request is a new device's, with a key and a token of its own; every certificate is on",
      "disk before it is answered. Clients and server share the machine."
    })
final class EnrolCommand implements Callable<Integer> {

  private static final int MOST_CLIENTS = 256;

  /** The benchmark is one address, and asks as fast as it can. */
  private static final String CONFIGURATION =
      """
      limits:
        perAddress: 0
        perIdentity: 0
        handshakesPerAddress: 0
        connectionsPerAddress: 2000
        requestsPerAddress: 2000
      """;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private HomeOption home = new HomeOption();

  @Option(
      names = "--clients",
      defaultValue = "8",
      paramLabel = "N",
      description = "how many ask at the same time (default: ${DEFAULT-VALUE})")
  private int clients;

  @Option(
      names = "--seconds",
      defaultValue = "15",
      paramLabel = "N",
      description = "how long each rate is measured (default: ${DEFAULT-VALUE})")
  private long seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "15",
      paramLabel = "N",
      description = "seconds before that, without measuring (default: ${DEFAULT-VALUE})")
  private long warmUp;

  @Option(
      names = "--certificates",
      defaultValue = "0",
      paramLabel = "N",
      description = "also with so many on record; 1000000 takes many minutes (default: not)")
  private int certificates;

  @Option(names = "--json", description = "one JSON object instead of the table")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if (clients < 1 || clients > MOST_CLIENTS || seconds < 1 || warmUp < 1 || certificates < 0) {
      throw new ParameterException(
          spec.commandLine(), "--clients are 1 to " + MOST_CLIENTS + ", times at least 1 second");
    }
    PrintWriter narration = spec.commandLine().getErr();
    narration.println("starting a guardbee up in a temporary home");
    narration.flush();
    Guardbee guardbee = Guardbee.of(home.directory()).inTemporaryHome();
    Files.writeString(guardbee.home().resolve("config.yaml"), CONFIGURATION);
    EnrolFigures figures;
    try (RunningUp up = guardbee.up()) {
      EnrolBench.Plan plan =
          new EnrolBench.Plan(home.directory(), clients, seconds, warmUp, certificates);
      figures = new EnrolBench(up, plan, narration).run();
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
