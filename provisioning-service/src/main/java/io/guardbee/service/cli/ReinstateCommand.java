package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import io.guardbee.pki.DeviceId;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code guardbee device reinstate}. */
@Command(
    name = "reinstate",
    mixinStandardHelpOptions = true,
    description = {
      "Ends a suspension: the device comes in again with the certificates that it has.",
      "Prints the receipt when every connected broker has acknowledged, or after a time-out."
    },
    footer = {
      "",
      "Examples:",
      "  guardbee device reinstate d-1",
      "  guardbee device reinstate d-1 --json",
      "",
      ReceiptPage.EXIT_CODES
    })
public final class ReinstateCommand implements Callable<Integer> {

  @Parameters(paramLabel = "ID", description = "the device id")
  private String id;

  @Option(names = "--json", description = "print the receipt as JSON")
  private boolean json;

  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    DeviceId deviceId = new DeviceId(id);
    JsonNode receipt =
        Api.of(home.directory())
            .post(DeviceCommand.path(deviceId) + "/reinstate", Api.JSON.createObjectNode());
    return new ReceiptPage("reinstated", "lets the device in", receipt).show(spec, json);
  }
}
