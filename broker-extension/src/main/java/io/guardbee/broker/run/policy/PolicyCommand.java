package io.guardbee.broker.run.policy;

import picocli.CommandLine.Command;

/** The noun. */
@Command(
    name = "policy",
    description = "Who may use which client ids and topics, and how much.",
    mixinStandardHelpOptions = true,
    subcommands = {
      CheckCommand.class,
      TestCommand.class,
      ApplyCommand.class,
      ShowCommand.class,
      VersionsCommand.class,
      RollbackCommand.class,
      ObservedCommand.class,
      PromoteCommand.class,
      WithdrawCommand.class
    })
public final class PolicyCommand {}
