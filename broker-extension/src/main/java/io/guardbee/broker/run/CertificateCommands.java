package io.guardbee.broker.run;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import io.guardbee.operator.HeldCertificates;
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

/** What brokers are towards the service: {@code guardbee broker list|revoke}. */
final class CertificateCommands {

  private CertificateCommands() {}

  /** {@code guardbee broker list}. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = {
        "Lists every certificate that a broker has or had towards the service: 90 days each, renewed",
        "by the broker itself in their last third. How the brokers are: guardbee broker status."
      },
      footer = {"", "Examples:", "  guardbee broker list", "  guardbee broker list --json"})
  static final class ListAll implements Callable<Integer> {

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Mixin private HomeOption home = new HomeOption();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
      new HeldCertificates(Api.of(home.directory()), spec.commandLine().getOut(), json)
          .list("/v1/brokers/certificates");
      return 0;
    }
  }

  /** {@code guardbee broker revoke}. */
  @Command(
      name = "revoke",
      mixinStandardHelpOptions = true,
      description = {
        "Revokes a broker's certificates, those of its listeners too, or one of them. The service",
        "refuses the broker from then on and ends its feed. Devices that are connected to it stay so:",
        "stop the broker. The home of a service has a new broker certificate from the next start on."
      },
      footer = {
        "",
        "Examples:",
        "  guardbee broker revoke broker-5d0c81f2 --reason keyCompromise",
        "  guardbee broker revoke broker-5d0c81f2 --serial 59DF44CE0462F4BED51F2FD692E2AD43B32D9E57"
      })
  static final class Revoke implements Callable<Integer> {

    @Parameters(paramLabel = "NODE", description = "the broker's name, as in guardbee broker list")
    private String node = "";

    @Option(names = "--serial", paramLabel = "SERIAL", description = "only this certificate")
    private String serial = "";

    @Option(
        names = "--reason",
        paramLabel = "REASON",
        defaultValue = "unspecified",
        description = "as for guardbee device revoke (default: ${DEFAULT-VALUE})")
    private String reason = "";

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Mixin private HomeOption home = new HomeOption();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
      String path =
          "/v1/brokers/" + URLEncoder.encode(node, StandardCharsets.UTF_8) + "/revocation";
      new HeldCertificates(Api.of(home.directory()), spec.commandLine().getOut(), json)
          .revoke(path, reason, serial);
      return 0;
    }
  }
}
