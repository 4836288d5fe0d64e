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

/** {@code guardbee device revoke} and its shorthand {@code guardbee revoke}. */
@Command(
    name = "revoke",
    mixinStandardHelpOptions = true,
    description = {
      "Throws a device out for good: its certificates, its keys and its unused tokens.",
      "Prints the receipt when every connected broker has acknowledged, or after a time-out."
    },
    footer = {
      "",
      "Examples:",
      "  guardbee device revoke d-1 --reason keyCompromise",
      "  guardbee device revoke d-1 --reason keyCompromise --json",
      "",
      ReceiptPage.EXIT_CODES
    })
public final class RevokeCommand implements Callable<Integer> {

  @Parameters(paramLabel = "ID", description = "the device id")
  private String id;

  @Option(
      names = "--reason",
      paramLabel = "REASON",
      defaultValue = "unspecified",
      description = {
        "unspecified (default), keyCompromise, affiliationChanged, superseded,",
        "cessationOfOperation or privilegeWithdrawn (RFC 5280)"
      })
  private String reason;

  @Option(names = "--json", description = "print the receipt as JSON")
  private boolean json;

  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    DeviceId deviceId = new DeviceId(id);
    JsonNode receipt =
        Api.of(home.directory())
            .post(
                DeviceCommand.path(deviceId) + "/revocation",
                Api.JSON.createObjectNode().put("reason", reason));
    return new ReceiptPage("revoked", "refuses the device", receipt).show(spec, json);
  }
}
