package io.guardbee.broker.run.policy;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import tools.jackson.databind.JsonNode;

/** What an order did, as the service tells it. */
record Receipt(JsonNode json) {

  private static final int FAILED = 1;
  private static final int TOLD = 20;

  /** Prints it; the exit code. */
  int tell(CommandSpec spec, boolean asJson) {
    spec.commandLine().getOut().println(asJson ? json.toString() : page());
    return complain(spec.commandLine().getErr());
  }

  private String page() {
    List<String> lines = new ArrayList<>();
    String detail = json.path("detail").asString("");
    lines.add(
        String.format(
            "version   %d %s%s",
            json.path("version").asLong(), outcome(), detail.isEmpty() ? "" : ": " + detail));
    if (json.has("inForce")) {
      long inForce = json.path("inForce").asLong();
      lines.add("in force  " + (inForce == 0 ? "each broker's own file" : "version " + inForce));
    }
    json.path("nodes").forEach(node -> addNode(lines, node));
    lines.add("elapsed   " + json.path("millis").asLong() + " ms");
    return String.join("\n", lines);
  }

  private String outcome() {
    return json.path("outcome").asString(json.path("mode").asString());
  }

  private static void addNode(List<String> lines, JsonNode node) {
    String detail = node.path("detail").asString("");
    long connections = node.path("connections").asLong();
    lines.add(
        "broker    "
            + node.path("node").asString()
            + " "
            + node.path("outcome").asString()
            + (detail.isEmpty() ? "" : " (" + detail + ")")
            + (connections == 0
                ? ""
                : ", "
                    + node.path("affectedCount").asLong()
                    + " of "
                    + connections
                    + " connections affected"));
    int told = 0;
    for (JsonNode affected : node.path("affected")) {
      if (told++ < TOLD) {
        addAffected(lines, affected);
      }
    }
    long more = node.path("affectedCount").asLong() - Math.min(told, TOLD);
    if (more > 0) {
      lines.add("          and " + more + " more; --json lists more of them");
    }
  }

  private static void addAffected(List<String> lines, JsonNode affected) {
    String before = affected.path("before").asString("");
    String after = affected.path("after").asString("");
    lines.add(
        String.format(
            "  %s (client id %s): %s",
            affected.path("deviceId").asString(),
            affected.path("clientId").asString(),
            before.equals(after) ? before : before + " -> " + after));
    affected.path("lost").forEach(one -> lines.add("    loses  " + one.asString()));
    affected.path("gained").forEach(one -> lines.add("    gains  " + one.asString()));
  }

  private int complain(PrintWriter narration) {
    if (json.path("nodes").isEmpty() && json.path("event").asLong() > 0) {
      narration.println(
          "no broker is connected, so none has read it: each follows as soon as it reaches the service");
    }
    int code = 0;
    for (JsonNode node : json.path("nodes")) {
      String name = node.path("node").asString();
      switch (node.path("outcome").asString()) {
        case "refused" -> {
          narration.println(
              "error: broker-not-acknowledged: "
                  + name
                  + " refused it: "
                  + node.path("detail").asString()
                  + refusalMeans(name));
          code = FAILED;
        }
        case "not-reached" -> {
          narration.println(
              "error: broker-not-acknowledged: "
                  + name
                  + " has not been reached since "
                  + node.path("notReachedSince").asString()
                  + "; it follows when it is back: see guardbee broker status; if it is gone for"
                  + " good: guardbee broker forget "
                  + name);
          code = FAILED;
        }
        case "silent" -> {
          narration.println(
              "error: broker-not-acknowledged: "
                  + name
                  + " has not answered; it follows when it can: see guardbee broker status");
          code = FAILED;
        }
        default -> {}
      }
    }
    return isLost() ? FAILED : code;
  }

  /** What follows from a refusal, and what the operator can do. */
  private String refusalMeans(String node) {
    if (isLost()) {
      return "; nothing has changed: repair the policy or that broker, or put it in force for the"
          + " others: --despite "
          + node;
    }
    return json.path("mode").asString().equals("enforce")
        ? "; it takes no new connections until it can: repair it, or guardbee policy rollback"
        : "";
  }

  /** Whether the service itself says that it is not as was asked for. */
  private boolean isLost() {
    String outcome = json.path("outcome").asString("");
    return outcome.equals("refused") || outcome.equals("overtaken");
  }
}
