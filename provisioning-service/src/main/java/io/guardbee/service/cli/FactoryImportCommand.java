package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.files.SafeFiles;
import io.guardbee.operator.Api;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code guardbee factory import}: a list of devices in, a file of one-time tokens out. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = {
      "Grants every device of a CSV list (columns deviceId,profile) a one-time token, or none of",
      "them. The tokens go to a file that only you can read; each is told this once."
    },
    footer = {"", "Example:", "  guardbee factory import devices.csv --out tokens.csv"})
final class FactoryImportCommand implements Callable<Integer> {

  @Parameters(paramLabel = "FILE", description = "CSV with a header line: deviceId,profile")
  private Path devices;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      defaultValue = "tokens.csv",
      description = "where the tokens go, 0600 (default: ${DEFAULT-VALUE})")
  private Path out;

  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<DeviceCsv.Row> rows = DeviceCsv.read(devices);
    if (Files.exists(out)) {
      throw new RefusedException(
          Reason.STORAGE_FAILED,
          out + " is there already; new tokens would withdraw those in it",
          "name another file with --out, or move that one away");
    }
    StringBuilder request = new StringBuilder();
    for (DeviceCsv.Row row : rows) {
      ObjectNode line = Api.JSON.createObjectNode().put("deviceId", row.deviceId().value());
      row.profile().ifPresent(profile -> line.put("profile", profile));
      request.append(line).append('\n');
    }
    String grants = Api.of(home.directory()).postLines("/v1/factory/import", request.toString());
    SafeFiles.writeSecret(out, csv(grants).getBytes(StandardCharsets.UTF_8));
    spec.commandLine().getErr().println(rows.size() + " tokens written to " + out);
    return 0;
  }

  private static String csv(String grants) {
    StringBuilder text = new StringBuilder("deviceId,token,expires\n");
    grants.lines().map(Api.JSON::readTree).forEach(grant -> text.append(line(grant)));
    return text.toString();
  }

  private static String line(JsonNode grant) {
    return grant.path("deviceId").asString()
        + ","
        + grant.path("token").asString()
        + ","
        + grant.path("expires").asString()
        + "\n";
  }
}
