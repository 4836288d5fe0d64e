package io.guardbee.broker.run.policy;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** The document on stdout, all about it on stderr: it can be piped into a file. */
@Command(
    name = "show",
    description = {
      "Prints the policy in force, as it was handed in; on stderr since when, by",
      "whom, and what each broker says of it."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  guardbee policy show > policy.yaml",
      "  guardbee policy show --version 7",
      "  guardbee policy show --json | jq .nodes"
    })
final class ShowCommand implements Callable<Integer> {

  @Option(
      names = "--version",
      paramLabel = "N",
      description = "another version than the one in force")
  private @Nullable Long version;

  @Option(names = "--json", description = "print all of it as one JSON object")
  private boolean json;

  @Mixin private HomeOption home = new HomeOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Api api = Api.of(home.directory());
    JsonNode found = api.get(version == null ? Paths.POLICY : Paths.VERSIONS + "/" + version);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(found);
      return 0;
    }
    narrate(found, spec.commandLine().getErr());
    String text = found.path("text").asString("");
    out.print(text);
    out.print(text.isEmpty() || text.endsWith("\n") ? "" : "\n");
    out.flush();
    return 0;
  }

  private static void narrate(JsonNode found, PrintWriter err) {
    long number = found.path("version").asLong();
    if (number == 0) {
      err.println("the service has no policy: each broker follows its own conf/policy.yaml");
    } else {
      String at = found.path("appliedAt").asString(found.path("at").asString(""));
      String comment = found.path("comment").asString("");
      err.println(
          "version   "
              + number
              + " of "
              + at
              + " by "
              + found.path("by").asString("")
              + (comment.isEmpty() ? "" : ": " + comment));
    }
    JsonNode observed = found.path("observed");
    if (observed.isObject()) {
      err.println(
          "observed  version "
              + observed.path("version").asLong()
              + " since "
              + observed.path("since").asString());
    }
    for (JsonNode node : found.path("nodes")) {
      err.println(
          String.format(
                  "broker    %s %s version %d %s",
                  node.path("node").asString(),
                  node.path("outcome").asString(),
                  node.path("version").asLong(),
                  node.path("detail").asString(""))
              .stripTrailing());
    }
  }
}
