package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import io.guardbee.pki.DeviceId;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code guardbee device suspend}. */
@Command(
    name = "suspend",
    mixinStandardHelpOptions = true,
    description = {
      "Holds a device back for a time: it neither comes in nor enrols nor renews, its connections are",
      "ended and its sessions dropped. Nothing is lost for good: see guardbee device reinstate.",
      "Prints the receipt when every connected broker has acknowledged, or after a time-out."
    },
    footer = {
      "",
      "Examples:",
      "  guardbee device suspend d-1 --reason 'seen at two places'",
      "  guardbee device suspend d-1 --json",
      "",
      ReceiptPage.EXIT_CODES
    })
public final class SuspendCommand implements Callable<Integer> {

  @Parameters(paramLabel = "ID", description = "the device id")
  private String id;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "why, for other operators; the device is not told")
  private @Nullable String reason;

  @Option(names = "--json", description = "print the receipt as JSON")
  private boolean json;

  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    DeviceId deviceId = new DeviceId(id);
    ObjectNode request = Api.JSON.createObjectNode();
    if (reason != null) {
      request.put("reason", reason);
    }
    JsonNode receipt =
        Api.of(home.directory()).post(DeviceCommand.path(deviceId) + "/suspend", request);
    return new ReceiptPage("suspended", "refuses the device", receipt).show(spec, json);
  }
}
