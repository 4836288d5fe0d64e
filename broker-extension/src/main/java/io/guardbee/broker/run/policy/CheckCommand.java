package io.guardbee.broker.run.policy;

import io.guardbee.broker.policy.Policy;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tries a policy file without a broker and without a service. */
@Command(
    name = "check",
    description = "Parses a policy and runs its own tests.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  guardbee policy check policy.yaml"})
final class CheckCommand implements Callable<Integer> {

  @Parameters(paramLabel = "FILE", description = "The policy.")
  private Path file = Path.of("");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine().getOut().println(file + " is good: " + sizeOf(Policy.read(file)));
    return 0;
  }

  static String sizeOf(Policy policy) {
    int rules = policy.ruleNames().size();
    return rules
        + (rules == 1 ? " rule, " : " rules, ")
        + policy.statements()
        + (policy.statements() == 1 ? " statement tested" : " statements tested");
  }
}
