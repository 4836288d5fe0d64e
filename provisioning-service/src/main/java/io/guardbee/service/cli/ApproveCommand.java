package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import io.guardbee.pki.DeviceId;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code guardbee device approve}. */
@Command(
    name = "approve",
    mixinStandardHelpOptions = true,
    description = {
      "Lets a device that waits have its certificate: one, for the key that it asked with.",
      "Prints that key; name it with --key to be sure that it is the one the device shows."
    },
    footer = {
      "",
      "Examples:",
      "  guardbee device approve d-1",
      "  guardbee device approve d-1 --key sha256:4f…"
    })
public final class ApproveCommand implements Callable<Integer> {

  @Parameters(paramLabel = "ID", description = "the device id")
  private String id;

  @Option(
      names = "--key",
      paramLabel = "SHA256",
      description = "fingerprint of its public key; refused when it asks with another")
  private @Nullable String key;

  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    DeviceId device = new DeviceId(id);
    ApprovalCalls calls = new ApprovalCalls(Api.of(home.directory()));
    String meant = key == null ? calls.key(device) : key;
    PrintWriter out = spec.commandLine().getOut();
    for (JsonNode entry : calls.decide(device, "approve", meant, null)) {
      out.println(ApprovalTable.decision(entry));
    }
    spec.commandLine().getErr().println("it gets its certificate when it asks again");
    return 0;
  }
}
