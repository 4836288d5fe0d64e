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
      "node's own file."
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
            "REPORTED"));
    all.path("brokers").forEach(broker -> out.println(row(broker)));
    return 0;
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
        broker.path("reportedAt").asString("-"));
  }
}
