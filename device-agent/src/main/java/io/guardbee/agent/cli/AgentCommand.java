package io.guardbee.agent.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code guardbee agent …}: what a device does. */
@Command(
    name = "agent",
    description = "Plays a device: enrols once, stays connected, renews by itself.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      EnrollCommand.class,
      RunCommand.class,
      PublishCommand.class,
      StatusCommand.class,
      RenewCommand.class
    },
    footer = {
      "",
      "Examples, beside a running guardbee up:",
      "  guardbee device grant d-1 --json | jq -r .token > token",
      "  guardbee agent enroll --id d-1 --token-file token",
      "  guardbee agent run --id d-1",
      "",
      "Exit codes: 0 done, 1 refused or failed, 2 misuse."
    })
public final class AgentCommand implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "name a command: enroll, run, publish, status or renew");
  }
}
