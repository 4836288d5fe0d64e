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

/** {@code guardbee device deny}. */
@Command(
    name = "deny",
    mixinStandardHelpOptions = true,
    description = "Denies a device that waits its certificate, until it has a new grant.",
    footer = {
      "",
      "Examples:",
      "  guardbee device deny d-1",
      "  guardbee device deny d-1 --reason 'not on the delivery note'"
    })
public final class DenyCommand implements Callable<Integer> {

  @Parameters(paramLabel = "ID", description = "the device id")
  private String id;

  @Option(
      names = "--key",
      paramLabel = "SHA256",
      description = "fingerprint of its public key (default: whichever it asks with)")
  private @Nullable String key;

  @Option(names = "--reason", paramLabel = "TEXT", description = "told to the device; one line")
  private @Nullable String reason;

  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    DeviceId device = new DeviceId(id);
    ApprovalCalls calls = new ApprovalCalls(Api.of(home.directory()));
    PrintWriter out = spec.commandLine().getOut();
    for (JsonNode entry : calls.decide(device, "deny", key, reason)) {
      out.println(ApprovalTable.decision(entry));
    }
    return 0;
  }
}
