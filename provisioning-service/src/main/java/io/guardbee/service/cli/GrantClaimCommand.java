package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import io.guardbee.pki.Pem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code guardbee grant claim}: devices come with a certificate that many share. */
@Command(
    name = "claim",
    mixinStandardHelpOptions = true,
    description = {
      "Lets in devices by a certificate that a model or a line shares.",
      "Whoever has its key may take the names on the list, each once, and no device that has had a",
      "certificate. The request's CN says which name."
    },
    footer = {
      "",
      "Example:",
      "  guardbee grant claim line-7.pem --name line-7 --allow-list names.txt \\",
      "    --budget 500 --until P7D"
    })
final class GrantClaimCommand implements Callable<Integer> {

  @Parameters(paramLabel = "FILE", description = "PEM of the shared certificate, not of its key")
  private Path file;

  @Option(names = "--name", paramLabel = "NAME", required = true, description = "of the grant")
  private String name;

  @Option(
      names = "--per-minute",
      paramLabel = "N",
      description = "attempts a minute, failed ones too (default: 60)")
  private @Nullable Integer perMinute;

  @Option(names = "--json", description = "print the grant as JSON")
  private boolean json;

  @Mixin private GrantTerms terms;
  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (!terms.hasAllowList()) {
      throw new ParameterException(spec.commandLine(), "say which names: --allow-list FILE");
    }
    ObjectNode request =
        Api.JSON
            .createObjectNode()
            .put("certificates", Pem.certificate(Pem.readCertificates(file).get(0)));
    if (perMinute != null) {
      request.put("perMinute", perMinute);
    }
    Api api = Api.of(home.directory());
    JsonNode grant = terms.make(api, "claim", name, request);
    spec.commandLine().getOut().println(json ? grant.toString() : GrantTable.page(grant));
    return 0;
  }
}
