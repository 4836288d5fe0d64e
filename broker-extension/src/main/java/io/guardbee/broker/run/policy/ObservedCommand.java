package io.guardbee.broker.run.policy;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** What the observed policy would refuse. */
@Command(
    name = "observed",
    description = {
      "Lists what the policy under observation would have refused, the most",
      "frequent first."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  guardbee policy observed",
      "  guardbee policy observed --json | jq '.refusals[] | select(.rule == \"sensors\")'"
    })
final class ObservedCommand implements Callable<Integer> {

  private static final String ROW = "%8s %-20s %-24s %s";

  @Option(names = "--json", description = "print all of it as one JSON object")
  private boolean json;

  @Mixin private HomeOption home = new HomeOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    JsonNode observed = Api.of(home.directory()).get(Paths.OBSERVED);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(observed);
      return 0;
    }
    tell(observed, spec.commandLine().getErr());
    out.println(String.format(ROW, "COUNT", "RULE", "DEVICE", "REQUEST"));
    for (JsonNode one : observed.path("refusals")) {
      out.println(
          String.format(
              ROW,
              one.path("count").asLong(),
              one.path("rule").asString(),
              one.path("deviceId").asString(),
              one.path("request").asString()));
    }
    return 0;
  }

  private static void tell(JsonNode observed, PrintWriter err) {
    long version = observed.path("version").asLong();
    err.println(
        version == 0
            ? "no policy is observed: begin with guardbee policy apply FILE --observe"
            : "version "
                + version
                + " is observed since "
                + observed.path("since").asString()
                + "; next: guardbee policy promote, or withdraw");
  }
}
