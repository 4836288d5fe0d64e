package io.guardbee.broker.run;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** How the brokers are, as the service knows it. */
@Command(
    name = "status",
    description = {
      "Lists the broker nodes: versions, policy, position in the status feed, live",
      "connections. LAG is how many events a node has yet to apply; POLICY 0 is the",
      "node's own file. EVENT is the last that is in force there: compare it with a",
      "receipt's event. LAST HEARD is when the node last reported; of one that is away,",
      "since when it has not been reached. A node is listed until it is forgotten",
      "(guardbee broker forget) or a year has gone by; receipts name it for 30 days."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  guardbee broker status",
      "  guardbee broker status --json | jq '.brokers[] | select(.connected | not)'"
    })
final class StatusCommand implements Callable<Integer> {

  private static final String ROW = "%-16s %-9s %-16s %-20s %-7s %-8s %8s %5s %11s  %s";

  @Option(names = "--json", description = "print all of it as one JSON object")
  private boolean json;

  @Mixin private HomeOption home = new HomeOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    JsonNode all = Api.of(home.directory()).get("/v1/brokers");
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(all);
      return 0;
    }
    spec.commandLine().getErr().println("the feed is at event " + all.path("lastEvent").asLong());
    out.println(
        String.format(
            ROW,
            "NODE",
            "FEED",
            "EXTENSION",
            "HIVEMQ",
            "POLICY",
            "OBSERVED",
            "EVENT",
            "LAG",
            "CONNECTIONS",
            "LAST HEARD"));
    all.path("brokers").forEach(broker -> out.println(row(broker)));
    PrintWriter err = spec.commandLine().getErr();
    all.path("brokers").forEach(broker -> warn(broker, err));
    all.path("sessionsPending")
        .propertyStream()
        .forEach(
            one ->
                err.println(
                    one.getKey()
                        + " is still deleting "
                        + one.getValue().asInt()
                        + " sessions of revoked or suspended devices"));
    all.path("retainedPending")
        .forEach(
            node ->
                err.println(
                    node.asString() + " is still clearing retained messages of revoked devices"));
    all.path("restoreWindows").forEach(window -> err.println(lost(window)));
    return 0;
  }

  private static String lost(JsonNode window) {
    return "an older copy of the database was put back: certificates that begin from "
        + window.path("from").asString()
        + " until "
        + window.path("until").asString()
        + " and are not on record are refused; see guardbee restore reconcile";
  }

  private static void warn(JsonNode broker, PrintWriter err) {
    String node = broker.path("node").asString();
    if (!broker.path("feedRefused").asString("").isEmpty()) {
      err.println(
          "ALARM "
              + node
              + " does not follow all of the feed: "
              + broker.path("feedRefused").asString()
              + "; see guardbee broker accept-feed on its machine");
    }
    if (broker.path("policyRefused").isString()) {
      err.println(
          "ALARM "
              + node
              + " takes no new connections: it refuses policy "
              + broker.path("policyRefused").asString()
              + "; repair it, or guardbee policy rollback");
    }
    JsonNode alarm = broker.path("alarm");
    if (alarm.isObject()) {
      err.println(
          "ALARM "
              + node
              + ": "
              + alarm.path("detail").asString()
              + " ("
              + alarm.path("times").asLong()
              + " times since "
              + alarm.path("first").asString()
              + ", last at "
              + alarm.path("last").asString()
              + "); see guardbee audit export");
    }
  }

  private static String row(JsonNode broker) {
    return String.format(
        ROW,
        broker.path("node").asString(),
        broker.path("connected").asBoolean() ? "connected" : "away",
        broker.path("extension").asString("-"),
        broker.path("hivemq").asString("-"),
        broker.path("policyVersion").asLong(),
        broker.path("policyObserved").asLong() == 0
            ? "-"
            : String.valueOf(broker.path("policyObserved").asLong()),
        broker.path("feedEvent").asLong(),
        broker.path("lag").asLong(),
        broker.path("connections").asLong(),
        lastHeard(broker));
  }

  private static String lastHeard(JsonNode broker) {
    String away = broker.path("notReachedSince").asString("");
    return away.isEmpty() ? broker.path("reportedAt").asString("-") : "not reached since " + away;
  }
}
