package io.guardbee.broker.run.policy;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Ends an observation without consequence. */
@Command(
    name = "withdraw",
    description = {"Stops observing a policy; the one in force goes on to decide."},
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  guardbee policy withdraw",
      "",
      "Exit codes: 0 done everywhere, 1 refused, or a broker refused, did not answer or was not",
      "reached (brokers heard of within 30 days count), 2 misuse."
    })
final class WithdrawCommand implements Callable<Integer> {

  @Option(names = "--json", description = "print the receipt as JSON")
  private boolean json;

  @Mixin private HomeOption home = new HomeOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    return new Receipt(Api.of(home.directory()).post(Paths.WITHDRAW, Api.JSON.createObjectNode()))
        .tell(spec, json);
  }
}
