package io.guardbee.service;

import io.guardbee.cli.Cli;
import io.guardbee.service.cli.AuditCommand;
import io.guardbee.service.cli.BackupCommand;
import io.guardbee.service.cli.CaCommand;
import io.guardbee.service.cli.ConfigCommand;
import io.guardbee.service.cli.DeviceCommand;
import io.guardbee.service.cli.FactoryCommand;
import io.guardbee.service.cli.GrantCommand;
import io.guardbee.service.cli.OperatorCommand;
import io.guardbee.service.cli.RestoreCommand;
import io.guardbee.service.cli.RevokeCommand;
import io.guardbee.service.hsm.HomeHsmCommand;
import io.guardbee.service.up.ServiceCommand;
import io.guardbee.service.up.UpCommand;
import picocli.CommandLine.Command;

/** The commands of the service and of its operator. */
@Command(
    name = "guardbee",
    description = "Secure identity and access for MQTT fleets.",
    mixinStandardHelpOptions = true,
    subcommands = {
      UpCommand.class,
      ServiceCommand.class,
      DeviceCommand.class,
      RevokeCommand.class,
      GrantCommand.class,
      OperatorCommand.class,
      FactoryCommand.class,
      CaCommand.class,
      BackupCommand.class,
      RestoreCommand.class,
      AuditCommand.class,
      ConfigCommand.class,
      HomeHsmCommand.class
    })
public final class Main {

  Main() {}

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] args) {
    System.exit(Cli.run(new Main(), args));
  }
}
