package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import io.guardbee.operator.HeldCertificates;
import io.guardbee.operator.OperatorRenewal;
import io.guardbee.pki.Serial;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code guardbee operator}: who may operate this installation. */
@Command(
    name = "operator",
    mixinStandardHelpOptions = true,
    description = {
      "Operators' certificates: 90 days each, renewed by themselves in their last third. When the",
      "last one is revoked or lost, start the service again on its home: it makes a new one there."
    },
    subcommands = {
      OperatorCommand.ListAll.class,
      OperatorCommand.Renew.class,
      OperatorCommand.Revoke.class
    },
    footer = {
      "",
      "Examples:",
      "  guardbee operator list",
      "  guardbee operator renew",
      "  guardbee operator revoke operator --reason keyCompromise"
    })
public final class OperatorCommand {

  private static final String PATH = "/v1/operators";

  /** {@code guardbee operator list}. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists every certificate of an operator, those that are no longer good too.",
      footer = {"", "Examples:", "  guardbee operator list", "  guardbee operator list --json"})
  static final class ListAll implements Callable<Integer> {

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Mixin private HomeOption home;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
      new HeldCertificates(Api.of(home.directory()), spec.commandLine().getOut(), json).list(PATH);
      return 0;
    }
  }

  /** {@code guardbee operator renew}. */
  @Command(
      name = "renew",
      mixinStandardHelpOptions = true,
      description = {
        "Replaces your key and certificate, by the certificate that is good now. The one before stays",
        "good for 14 days. With --key the next key is in that PKCS#11 token, made there when it is",
        "missing, and the files with the former key are deleted: not for the service's own home."
      },
      footer = {
        "",
        "Examples:",
        "  guardbee operator renew",
        "  guardbee operator renew --home laptop --key \\",
        "    'pkcs11:token=jane;object=operator?module-path=/usr/lib/m.so&pin-source=file:/home/jane/pin'"
      })
  static final class Renew implements Callable<Integer> {

    @Option(names = "--key", paramLabel = "URI", description = "RFC 7512; object names the key")
    private @Nullable String key;

    @Mixin private HomeOption home;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
      X509Certificate next = new OperatorRenewal(home.directory()).renew(Optional.ofNullable(key));
      var out = spec.commandLine().getOut();
      out.println("serial    " + Serial.of(next));
      out.println("until     " + next.getNotAfter().toInstant());
      return 0;
    }
  }

  /** {@code guardbee operator revoke}. */
  @Command(
      name = "revoke",
      mixinStandardHelpOptions = true,
      description = {
        "Revokes an operator's certificates, or one of them. Requests with them are refused from then",
        "on, and what is under way on their connections ends.",
        "The last one may be revoked too: start the service again on its home to have a new one."
      },
      footer = {
        "",
        "Examples:",
        "  guardbee operator revoke operator --reason keyCompromise",
        "  guardbee operator revoke operator --serial 59DF44CE0462F4BED51F2FD692E2AD43B32D9E57"
      })
  static final class Revoke implements Callable<Integer> {

    @Parameters(paramLabel = "NAME", description = "the operator")
    private String name;

    @Option(names = "--serial", paramLabel = "SERIAL", description = "only this certificate")
    private String serial = "";

    @Option(
        names = "--reason",
        paramLabel = "REASON",
        defaultValue = "unspecified",
        description = "as for guardbee device revoke (default: ${DEFAULT-VALUE})")
    private String reason;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Mixin private HomeOption home;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
      String path = PATH + "/" + URLEncoder.encode(name, StandardCharsets.UTF_8) + "/revocation";
      new HeldCertificates(Api.of(home.directory()), spec.commandLine().getOut(), json)
          .revoke(path, reason, serial);
      return 0;
    }
  }
}
