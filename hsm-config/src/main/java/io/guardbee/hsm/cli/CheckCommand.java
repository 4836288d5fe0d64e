package io.guardbee.hsm.cli;

import io.guardbee.hsm.check.HealthCheck;
import io.guardbee.hsm.check.HealthReport;
import io.guardbee.hsm.check.ReportJson;
import io.guardbee.hsm.check.ReportText;
import io.guardbee.hsm.session.LastTry;
import io.guardbee.pki.NativeCrypto;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code guardbee hsm check}. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "What the token is, what it can do, and whether it serves. Changes nothing in it.",
      "Ends with 0 when healthy, with 1 when something that Guardbee needs fails."
    },
    footer = {"", "Examples:", "  guardbee hsm check", "  guardbee hsm check --deep --json"})
final class CheckCommand implements Callable<Integer> {

  private static final int LONGEST = 600;

  @ParentCommand private HsmCommand hsm;
  @Mixin private TokenOption token;
  @Spec private CommandSpec spec;

  @Option(
      names = "--deep",
      description = "make, try and destroy a test key of every kind that the module can make")
  private boolean deep;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Option(
      names = "--last-try",
      description = "use the token's last PIN attempt: a wrong PIN locks the token then")
  private boolean lastTry;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "1",
      description = "how long the sign rate is measured (default: ${DEFAULT-VALUE})")
  private int seconds;

  @Override
  public Integer call() throws IOException {
    if (seconds < 1 || seconds > LONGEST) {
      throw new ParameterException(
          spec.commandLine(), "--seconds " + seconds + " is not 1 to " + LONGEST);
    }
    if (lastTry) {
      LastTry.allow();
    }
    NativeCrypto.install(); // the rate is that of the service
    Dependents dependents = token.dependents(hsm.installation());
    HealthReport report =
        HealthCheck.run(
            token.uri(hsm.installation()),
            new HealthCheck.Wish(deep, Duration.ofSeconds(seconds), dependents::signers),
            Clock.systemUTC());
    PrintWriter out = spec.commandLine().getOut();
    out.println(json ? ReportJson.of(report) : ReportText.of(report).stripTrailing());
    return report.healthy() ? 0 : 1;
  }
}
