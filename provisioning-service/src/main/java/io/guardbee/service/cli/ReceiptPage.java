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
  private static final String REVOKED = "revoked";

  /** For {@code --help}. */
  static final String EXIT_CODES =
      "Exit codes: 0 done and acknowledged by every broker; 1 refused, no certificate%n"
          + "covered, or a broker heard of within 30 days was not reached or has not%n"
          + "acknowledged; 2 misuse.";

  /**
   * Prints it; the exit code: 1 when no certificate was covered, or a broker has not acknowledged
   * or was not reached.
   */
  int show(CommandSpec spec, boolean json) {
    spec.commandLine().getOut().println(json ? receipt.toString() : text());
    return complain(spec.commandLine().getErr());
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    text.append(String.format("%-9s ", done));
    text.append(receipt.path("deviceId").asString("certificate")).append('\n');
    for (JsonNode serial : receipt.path("serials")) {
      text.append("serial    ").append(serial.asString()).append('\n');
    }
    for (JsonNode node : receipt.path("nodes")) {
      text.append("broker    ").append(node.path("node").asString());
      text.append(' ').append(state(node)).append('\n');
    }
    text.append("sessions  ").append(receipt.path("sessionsEnded").asInt()).append(" ended");
    int pending = receipt.path("sessionsPending").asInt();
    text.append(pending == 0 ? "" : ", still deleting " + pending).append('\n');
    appendRetained(text);
    text.append("elapsed   ").append(receipt.path("elapsedMs").asLong()).append(" ms").append('\n');
    text.append("lists     ");
    text.append(
        receipt.path("listed").asBoolean()
            ? "published after " + receipt.path("listedMs").asLong() + " ms"
            : "NOT published yet");
    return text.toString();
  }

  /** Only a revocation clears retained messages. */
  private void appendRetained(StringBuilder text) {
    int cleared = receipt.path("retainedCleared").asInt();
    int pending = receipt.path("retainedPending").asInt();
    if (done.equals(REVOKED) || cleared > 0 || pending > 0) {
      text.append("retained  ").append(cleared).append(" cleared");
      text.append(pending == 0 ? "" : ", brokers still looking for more: " + pending);
      text.append('\n');
    }
  }

  private static String state(JsonNode node) {
    String since = node.path("notReachedSince").asString("");
    if (!since.isEmpty()) {
      return "NOT reached since " + since;
    }
    return (node.path("acknowledged").asBoolean() ? "acknowledged" : "has NOT acknowledged")
        + " event "
        + node.path("event").asLong();
  }

  private int complain(PrintWriter narration) {
    if (receipt.path("nodes").isEmpty()) {
      narration.println(
          "no broker is known: each " + effect + " as soon as it follows the feed again");
    }
    if (!receipt.path("listed").asBoolean()) {
      narration.println(
          "the published lists (CRL) do not hold it yet: they follow as soon as they are signed;"
              + " see the service's log if they do not");
    }
    int code = 0;
    JsonNode notCovered = receipt.path("notCovered");
    if (!notCovered.isMissingNode()) {
      narration.println(
          "error: "
              + notCovered.path("reason").asString()
              + ": no certificate was covered: "
              + notCovered.path("detail").asString()
              + "; "
              + notCovered.path("nextStep").asString());
      code = FAILED;
    }
    for (JsonNode node : receipt.path("nodes")) {
      if (!node.path("acknowledged").asBoolean()) {
        narration.println("error: broker-not-acknowledged: " + what(node));
        code = FAILED;
      }
    }
    return code;
  }

  private String what(JsonNode node) {
    String name = node.path("node").asString();
    String since = node.path("notReachedSince").asString("");
    String later =
        "; it is done there once guardbee broker status shows event "
            + node.path("event").asLong()
            + " or a later one";
    return since.isEmpty()
        ? name + " has not applied it; see its log, then run this command again" + later
        : name
            + " has not been reached since "
            + since
            + "; it "
            + effect
            + " as soon as it follows the feed again"
            + later
            + "; if it is gone for good: guardbee broker forget "
            + name;
  }
}
