package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import io.guardbee.service.ceremony.CaReport;
import io.guardbee.service.config.Home;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code guardbee ca show}. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = {
      "Shows each authority's certificate, the list of revoked ones and every ceremony, whose"
          + " record it verifies.",
      "Exit code 1 when a record is altered, missing or out of its place, or a file is not what"
          + " the records say."
    },
    footer = {"", "Examples:", "  guardbee ca show", "  guardbee ca show --json"})
final class CaShowCommand implements Callable<Integer> {

  private static final int FAILED = 1;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    CaReport report = CeremonyOptions.report(new Home(home.directory()));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Api.JSON.writeValueAsString(report));
    } else {
      CaTable.print(out, report);
    }
    PrintWriter narration = spec.commandLine().getErr();
    report.problems().forEach(problem -> narration.println("problem: " + problem));
    report.ceremonies().stream()
        .filter(ceremony -> !ceremony.state().equals(CaReport.VERIFIED))
        .forEach(
            ceremony ->
                narration.println(
                    "problem: ceremony " + ceremony.number() + ": " + ceremony.state()));
    return report.isGood() ? 0 : FAILED;
  }
}
