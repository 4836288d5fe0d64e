package io.guardbee.broker.run.policy;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Puts an earlier version in force again. */
@Command(
    name = "rollback",
    description = {
      "Puts an earlier version in force again at all brokers: the one before, or",
      "the one named. No broker is asked first, and none can keep it from coming into force."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  guardbee policy rollback",
      "  guardbee policy rollback --to 7",
      "",
      "Exit codes: 0 done everywhere, 1 refused, or a broker refused, did not answer or was not",
      "reached (brokers heard of within 30 days count), 2 misuse."
    })
final class RollbackCommand implements Callable<Integer> {

  @Option(names = "--to", paramLabel = "N", description = "the version")
  private @Nullable Long version;

  @Option(names = "--json", description = "print the receipt as JSON")
  private boolean json;

  @Mixin private HomeOption home = new HomeOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    return new Receipt(
            Api.of(home.directory())
                .post(Paths.ROLLBACK, Api.JSON.createObjectNode().put("to", version)))
        .tell(spec, json);
  }
}
