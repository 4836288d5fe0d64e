package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import io.guardbee.pki.DeviceId;
import java.io.IOException;
import java.io.PrintWriter;
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
      "Prints the receipt when every connected broker has acknowledged. Exit 1 when one has not."
    },
    footer = {
      "",
      "Examples:",
      "  guardbee device revoke d-1 --reason keyCompromise",
      "  guardbee device revoke d-1 --reason keyCompromise --json"
    })
public final class RevokeCommand implements Callable<Integer> {

  private static final int FAILED = 1;

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
    spec.commandLine().getOut().println(json ? receipt.toString() : text(receipt));
    return complain(receipt, spec.commandLine().getErr());
  }

  private static String text(JsonNode receipt) {
    StringBuilder text = new StringBuilder();
    text.append("revoked   ").append(receipt.path("deviceId").asString()).append('\n');
    for (JsonNode serial : receipt.path("serials")) {
      text.append("serial    ").append(serial.asString()).append('\n');
    }
    for (JsonNode node : receipt.path("nodes")) {
      text.append("broker    ").append(node.path("node").asString());
      text.append(
          node.path("acknowledged").asBoolean() ? " acknowledged" : " has NOT acknowledged");
      text.append(" event ").append(node.path("event").asLong()).append('\n');
    }
    text.append("sessions  ").append(receipt.path("sessionsEnded").asInt()).append(" ended\n");
    text.append("elapsed   ").append(receipt.path("elapsedMs").asLong()).append(" ms");
    return text.toString();
  }

  private static int complain(JsonNode receipt, PrintWriter narration) {
    if (receipt.path("nodes").isEmpty()) {
      narration.println(
          "no broker is connected: each refuses the device as soon as it follows the feed again");
    }
    for (JsonNode node : receipt.path("nodes")) {
      if (!node.path("acknowledged").asBoolean()) {
        narration.println(
            "error: broker-not-acknowledged: "
                + node.path("node").asString()
                + " has not applied the revocation; see its log, then run this command again");
        return FAILED;
      }
    }
    return 0;
  }
}
