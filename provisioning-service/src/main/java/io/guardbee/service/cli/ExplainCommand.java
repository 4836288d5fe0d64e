package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import io.guardbee.pki.DeviceId;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code guardbee device explain}. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description = {
      "Tells why a device gets what it gets: status, profile, keys, tokens, what it may ask for,",
      "which topics brokers refused to it and how often, its last 20 attempts with time, address",
      "and reason, and the next step on the last line."
    },
    footer = {
      "",
      "Examples:",
      "  guardbee device explain d-1",
      "  guardbee device explain d-1.pem",
      "  guardbee device explain d-1.csr --json"
    })
public final class ExplainCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "ID|FILE",
      description = "a device id, or the file of a certificate or a certificate request")
  private String subject;

  @Option(names = "--json", description = "print JSON")
  private boolean json;

  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path file = Path.of(subject);
    Api api = Api.of(home.directory());
    JsonNode report;
    if (Files.isRegularFile(file)) {
      report = api.post("/v1/explain", Files.readAllBytes(file));
    } else if (subject.contains("/")) {
      throw new NoSuchFileException(subject);
    } else {
      String id = URLEncoder.encode(new DeviceId(subject).value(), StandardCharsets.UTF_8);
      report = api.get("/v1/explain?device=" + id);
    }
    spec.commandLine().getOut().println(json ? report.toString() : ExplainPage.of(report));
    return 0;
  }
}
