package io.guardbee.bench;

import io.guardbee.bench.attack.AttackCommand;
import io.guardbee.bench.door.DoorCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code guardbee bench …}. */
@Command(
    name = "bench",
    description = "Measures ratios in one run, on real parts of its own in a temporary home.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      RoadCommand.class,
      EnrolCommand.class,
      DoorCommand.class,
      HsmCommand.class,
      FuzzCommand.class,
      AttackCommand.class
    },
    footer = {
      "",
      "Examples:",
      "  guardbee bench road",
      "  guardbee bench enrol",
      "  guardbee bench door",
      "  guardbee bench hsm",
      "  guardbee bench fuzz",
      "  guardbee bench attack"
    })
public final class BenchCommand implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "name a benchmark: road, enrol, door, hsm, fuzz or attack");
  }
}
