package io.guardbee.broker.run;

import io.guardbee.broker.run.policy.PolicyCommand;
import io.guardbee.cli.Cli;
import picocli.CommandLine.Command;

/** The commands of the broker's module. */
@Command(
    name = "guardbee",
    description = "Secure identity and access for MQTT fleets.",
    mixinStandardHelpOptions = true,
    subcommands = {Main.Broker.class, PolicyCommand.class})
public final class Main {

  private Main() {}

  public static void main(String[] args) {
    int code = Cli.run(new Main(), args);
    if (code != 0) {
      System.exit(code); // else the broker's threads keep the JVM
    }
  }

  /** The noun. */
  @Command(
      name = "broker",
      description = "The MQTT broker with Guardbee at its door.",
      mixinStandardHelpOptions = true,
      subcommands = {
        RunCommand.class,
        StatusCommand.class,
        AcceptFeedCommand.class,
        ForgetCommand.class,
        CertificateCommands.ListAll.class,
        CertificateCommands.Revoke.class,
        RenewCommand.class
      })
  static final class Broker {}
}
