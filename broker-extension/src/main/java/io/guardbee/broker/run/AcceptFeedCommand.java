package io.guardbee.broker.run;

import io.guardbee.broker.status.FeedApproval;
import io.guardbee.broker.status.FeedApproval.Refused;
import io.guardbee.cli.HomeOption;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** Has this machine's broker follow a feed that it refuses. */
@Command(
    name = "accept-feed",
    description = {
      "Shows the status feed that the broker on this machine refuses. With FEED-ID, has",
      "the broker follow that feed, once: what it says then replaces what the broker",
      "knows. Needed when the service's database was put back by other means than",
      "guardbee restore, or is a new one. The running broker takes it up by itself."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  guardbee broker accept-feed",
      "  guardbee broker accept-feed 0b4f6c1e-6a0f-4b43-9d3c-2a54c7f6a1de",
      "  guardbee broker accept-feed --data /opt/hivemq/data"
    })
final class AcceptFeedCommand implements Callable<Integer> {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "FEED-ID",
      description = "the refused feed, as this command shows it")
  private @Nullable String feed;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "the data folder of another HiveMQ than the home's")
  private @Nullable Path data;

  @Option(names = "--json", description = "print the refused feed as one JSON object")
  private boolean json;

  @Mixin private HomeOption home = new HomeOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    Path hivemq = data == null ? home.directory().resolve("broker/data") : data;
    FeedApproval approval = new FeedApproval(hivemq.resolve("guardbee"));
    if (feed != null) {
      approval.approve(feed);
      spec.commandLine()
          .getErr()
          .println("feed " + feed + " will be followed when the broker connects next");
      return 0;
    }
    Optional<Refused> refused = approval.refused();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(refused.map(JSON::writeValueAsString).orElse("{}"));
    } else if (refused.isEmpty()) {
      spec.commandLine()
          .getErr()
          .println(
              Files.isDirectory(hivemq.resolve("guardbee"))
                  ? "this broker refuses no feed"
                  : "no broker with Guardbee has run in " + hivemq + ": name its data folder");
    } else {
      show(refused.get(), out);
    }
    return 0;
  }

  private void show(Refused refused, PrintWriter out) {
    out.println("refused feed   " + refused.feed());
    out.println("at event       " + refused.event());
    out.println("signed by      " + refused.signer());
    out.println("refused at     " + refused.at());
    out.println("why            " + refused.why());
    out.println("this node has  " + refused.knownFeed());
    out.println("at event       " + refused.knownEvent());
    spec.commandLine()
        .getErr()
        .println(
            "if that is the genuine service, for example after its database was put back:\n"
                + "  guardbee broker accept-feed "
                + refused.feed());
  }
}
