package io.guardbee.broker.run.policy;

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

/** All versions that were handed in. */
@Command(
    name = "versions",
    description = "Lists the versions of the policy, the newest first.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  guardbee policy versions",
      "  guardbee policy versions --json | jq -r .sha256"
    })
final class VersionsCommand implements Callable<Integer> {

  private static final String ROW = "%-8s %-9s %-28s %-20s %s";

  @Option(names = "--json", description = "print one JSON object a line")
  private boolean json;

  @Mixin private HomeOption home = new HomeOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    JsonNode versions = Api.of(home.directory()).get(Paths.VERSIONS).path("versions");
    PrintWriter out = spec.commandLine().getOut();
    if (!json) {
      out.println(String.format(ROW, "VERSION", "STATE", "AT", "BY", "COMMENT"));
    }
    versions.forEach(version -> out.println(json ? version.toString() : row(version)));
    return 0;
  }

  private static String row(JsonNode version) {
    return String.format(
            ROW,
            version.path("version").asLong(),
            version.path("state").asString(version.path("mode").asString()),
            version.path("at").asString(),
            version.path("by").asString(),
            version.path("comment").asString(""))
        .stripTrailing();
  }
}
