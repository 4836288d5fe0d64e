package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.audit.SignedHead;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code guardbee audit export}. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Prints the log as NDJSON: one entry a line, then the signed head.",
      "Keep exports on another machine: verify --against finds what was set back since."
    },
    footer = {
      "",
      "Examples:",
      "  guardbee audit export > audit.ndjson",
      "  guardbee audit export --after 1200 >> audit.part.ndjson",
      "  guardbee audit export | jq 'select(.action == \"device-revoked\")'"
    })
final class AuditExportCommand implements Callable<Integer> {

  @Option(
      names = "--after",
      paramLabel = "NUMBER",
      defaultValue = "0",
      description = "begin after that entry (default: at the first)")
  private long after;

  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    AuditSource.End end =
        new AuditSource(Api.of(home.directory())).read(after, line -> out.print(line + "\n"));
    SignedHead head =
        end.head()
            .orElseThrow(
                () ->
                    new RefusedException(
                        Reason.MODULE_FAILED,
                        "the log has no signed head: the module has not signed it yet",
                        "see the service's log and guardbee hsm check, then export again"));
    out.print(head.line() + "\n");
    out.flush();
    return 0;
  }
}
