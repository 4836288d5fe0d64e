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

/** {@code guardbee grant manufacturer}: devices come with the certificate they were born with. */
@Command(
    name = "manufacturer",
    mixinStandardHelpOptions = true,
    description = {
      "Lets in devices by their birth certificates (IEEE 802.1AR IDevID).",
      "Each belongs to one device id for ever, and each device id to one.",
      "Every authority in FILE is believed: put only those of the products meant into it."
    },
    footer = {
      "",
      "Examples:",
      "  guardbee grant manufacturer acme-ca.pem --name acme --allow-list serials.txt",
      "  guardbee grant manufacturer acme-ca.pem --name acme --allow-all --until P365D \\",
      "    --id-pattern 'SN-([0-9]+)' --id-template 'acme-$${1}'"
    })
final class GrantManufacturerCommand implements Callable<Integer> {

  @Parameters(paramLabel = "FILE", description = "PEM of the manufacturer's CA")
  private Path file;

  @Option(names = "--name", paramLabel = "NAME", required = true, description = "of the grant")
  private String name;

  @Option(
      names = "--id-from",
      paramLabel = "ATTRIBUTE",
      defaultValue = "serialNumber",
      description = "what of the subject names the device: serialNumber (default) or CN")
  private String idFrom;

  @Option(
      names = "--id-pattern",
      paramLabel = "REGEX",
      description = "what the whole value has to match")
  private @Nullable String idPattern;

  @Option(
      names = "--id-template",
      paramLabel = "TEXT",
      description = "the device id; $${0} is the value, $${1} the first group of the pattern")
  private @Nullable String idTemplate;

  @Option(names = "--allow-all", description = "every device of this manufacturer may come")
  private boolean allowAll;

  @Option(names = "--json", description = "print the grant as JSON")
  private boolean json;

  @Mixin private GrantTerms terms;
  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (allowAll == terms.hasAllowList()) {
      throw new ParameterException(
          spec.commandLine(), "say who may come: --allow-list FILE, or --allow-all");
    }
    ObjectNode request =
        Api.JSON
            .createObjectNode()
            .put("certificates", Pem.certificates(Pem.readCertificates(file)))
            .put("idFrom", idFrom)
            .put("anyName", allowAll);
    if (idPattern != null) {
      request.put("idPattern", idPattern);
    }
    if (idTemplate != null) {
      request.put("idTemplate", idTemplate);
    }
    Api api = Api.of(home.directory());
    JsonNode grant = terms.make(api, "manufacturer", name, request);
    spec.commandLine().getOut().println(json ? grant.toString() : GrantTable.page(grant));
    return 0;
  }
}
