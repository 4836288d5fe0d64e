package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code guardbee device pending}. */
@Command(
    name = "pending",
    mixinStandardHelpOptions = true,
    description = "Lists the devices that wait for approval, who waits longest first.",
    footer = {
      "",
      "Examples:",
      "  guardbee device pending",
      "  guardbee device pending --json | jq -r .deviceId"
    })
public final class PendingCommand implements Callable<Integer> {

  @Option(names = "--json", description = "print one JSON object a line")
  private boolean json;

  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<JsonNode> pending = new ApprovalCalls(Api.of(home.directory())).pending();
    PrintWriter out = spec.commandLine().getOut();
    if (!json) {
      out.println(ApprovalTable.HEADER);
    }
    pending.forEach(entry -> out.println(json ? entry.toString() : ApprovalTable.row(entry)));
    if (!pending.isEmpty() && !json) {
      spec.commandLine().getErr().println("next: guardbee device approve ID, or device deny ID");
    }
    return 0;
  }
}
