package io.guardbee.broker.run.policy;

import io.guardbee.broker.policy.Policy;
import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** Hands a policy to the service, which hands it to every broker. */
@Command(
    name = "apply",
    description = {
      "Puts a policy in force at all brokers, on live connections.",
      "It is checked here first; the service keeps it as a version. Prints what each",
      "broker did and who is affected. Every connected broker reads it first: if one",
      "refuses it, nothing changes. A broker that refuses what is in force takes no new",
      "connections; what is in force stays so until you decide otherwise."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  guardbee policy apply policy.yaml --dry-run",
      "  guardbee policy apply policy.yaml --comment \"meters may read their tariff\"",
      "  guardbee policy apply policy.yaml --observe",
      "  guardbee policy apply policy.yaml --despite broker-0a1b2c3d",
      "",
      "Exit codes: 0 done everywhere, 1 refused, or a broker refused, did not answer or was not",
      "reached (brokers heard of within 30 days count), 2 misuse."
    })
final class ApplyCommand implements Callable<Integer> {

  /** At most one of these. */
  static final class How {
    @Option(
        names = "--observe",
        description = "only count what it would refuse, while the one in force goes on to decide")
    private boolean observe;

    @Option(
        names = "--dry-run",
        description = "only tell which live connections would lose or gain what")
    private boolean dryRun;

    String mode() {
      if (observe) {
        return "observe";
      }
      return dryRun ? "foresee" : "enforce";
    }
  }

  @Parameters(paramLabel = "FILE", description = "The policy.")
  private Path file = Path.of("");

  @ArgGroup private How how = new How();

  @Option(
      names = "--comment",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "why, one line; kept with the version")
  private String comment = "";

  @Mixin private Despite despite = new Despite();

  @Option(names = "--json", description = "print the receipt as JSON")
  private boolean json;

  @Mixin private HomeOption home = new HomeOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Policy policy = Policy.read(file);
    spec.commandLine().getErr().println(file + " is good: " + CheckCommand.sizeOf(policy));
    ObjectNode order =
        despite.addTo(
            Api.JSON
                .createObjectNode()
                .put("text", policy.text())
                .put("mode", how.mode())
                .put("comment", comment));
    return new Receipt(Api.of(home.directory()).post(Paths.POLICY, order)).tell(spec, json);
  }
}
