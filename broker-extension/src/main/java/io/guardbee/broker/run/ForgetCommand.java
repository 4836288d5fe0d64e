package io.guardbee.broker.run;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** Has the service forget a broker node that is gone. */
@Command(
    name = "forget",
    description = {
      "Has the service forget a broker node that is gone: receipts and broker status name it no",
      "more. Its certificate stays good: a node that comes back is heard of again, follows the",
      "status feed and is named again. One that is connected is not forgotten."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  guardbee broker forget broker-0a1b2c3d",
      "",
      "Exit codes: 0 done, 1 not known or connected, 2 misuse."
    })
final class ForgetCommand implements Callable<Integer> {

  @Parameters(paramLabel = "NODE", description = "its name, as guardbee broker status lists it")
  private String node = "";

  @Option(names = "--json", description = "print the answer as JSON")
  private boolean json;

  @Mixin private HomeOption home = new HomeOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    String path = URLEncoder.encode(node, StandardCharsets.UTF_8).replace("+", "%20");
    JsonNode answer = Api.of(home.directory()).delete("/v1/brokers/" + path);
    spec.commandLine().getOut().println(json ? answer.toString() : "forgotten " + node);
    return 0;
  }
}
