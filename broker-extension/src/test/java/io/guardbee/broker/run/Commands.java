package io.guardbee.broker.run;

import io.guardbee.broker.run.policy.PolicyCommand;
import picocli.CommandLine.Command;

/** The nouns of this module as {@link Main} has them, without its end of the JVM. */
@Command(
    name = "guardbee",
    subcommands = {Main.Broker.class, PolicyCommand.class})
public final class Commands {}
