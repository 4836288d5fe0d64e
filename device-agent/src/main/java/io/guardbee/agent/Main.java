package io.guardbee.agent;

import io.guardbee.agent.cli.AgentCommand;
import io.guardbee.bench.BenchCommand;
import io.guardbee.cli.Cli;
import io.guardbee.demo.DemoCommand;
import io.guardbee.pki.NativeCrypto;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine.Command;

/** The program behind {@code guardbee agent}, {@code demo} and {@code bench}. */
public final class Main {

  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  private Main() {}

  @Command(
      name = "guardbee",
      description = "Secure identity and access for MQTT fleets.",
      mixinStandardHelpOptions = true,
      subcommands = {AgentCommand.class, DemoCommand.class, BenchCommand.class})
  private static final class Guardbee {}

  /** Runs the command that the arguments name and ends the JVM with its exit code. */
  public static void main(String... args) {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    LOG.debug("cryptography by {}", NativeCrypto.install());
    System.exit(Cli.run(new Guardbee(), args));
  }
}
