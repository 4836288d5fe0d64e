package io.guardbee.service.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;
import tools.jackson.databind.JsonNode;

/**
 * A receipt as people read it.
 *
 * @param done what was done to the device, in one word
 * @param effect what each broker does once it knows
 */
record ReceiptPage(String done, String effect, JsonNode receipt) {

  private static final int FAILED = 1;

  /** Prints it; the exit code: 1 when a connected broker has not acknowledged. */
  int show(CommandSpec spec, boolean json) {
    spec.commandLine().getOut().println(json ? receipt.toString() : text());
    return complain(spec.commandLine().getErr());
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    text.append(String.format("%-9s ", done));
    text.append(receipt.path("deviceId").asString()).append('\n');
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

  private int complain(PrintWriter narration) {
    if (receipt.path("nodes").isEmpty()) {
      narration.println(
          "no broker is connected: each " + effect + " as soon as it follows the feed again");
    }
    for (JsonNode node : receipt.path("nodes")) {
      if (!node.path("acknowledged").asBoolean()) {
        narration.println(
            "error: broker-not-acknowledged: "
                + node.path("node").asString()
                + " has not applied it; see its log, then run this command again");
        return FAILED;
      }
    }
    return 0;
  }
}
