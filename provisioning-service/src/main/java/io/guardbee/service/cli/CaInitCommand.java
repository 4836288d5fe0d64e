package io.guardbee.service.cli;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.service.authority.CaToken;
import io.guardbee.service.ceremony.CaReport;
import io.guardbee.service.ceremony.Ceremonies;
import io.guardbee.service.config.Config;
import io.guardbee.service.config.Home;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code guardbee ca init}. */
@Command(
    name = "init",
    mixinStandardHelpOptions = true,
    description = {
      "Makes root, issuing CA and operations CA, before the first start, and signs the root's"
          + " first list of revoked CA certificates. The two name its address, revocation.address"
          + " of config.yaml, for as long as they live: set it first.",
      "The root's key is made in the token that --root names, which may be taken away afterwards;"
          + " the other keys in the token that hsm.uri of config.yaml names, else in the embedded"
          + " one. Cut off, it may be run again. The O of the names is the organization of"
          + " config.yaml."
    },
    footer = {
      "",
      "Examples:",
      "  guardbee ca init",
      "  guardbee ca init --root 'pkcs11:token=root?module-path=/usr/lib/opensc-pkcs11.so"
          + "&pin-source=file:/media/root.pin'"
    })
final class CaInitCommand implements Callable<Integer> {

  @Mixin private CeremonyOptions options;

  @Option(
      names = "--root-key-type",
      paramLabel = "TYPE",
      converter = KeyTypeConverter.class,
      description = "type of the root's key (default: ec-p256)")
  private KeyType rootKeyType = KeyType.EC_P256;

  @Option(
      names = "--key-type",
      paramLabel = "TYPE",
      converter = KeyTypeConverter.class,
      description = "type of the other CA keys (default: ec-p256)")
  private KeyType keyType = KeyType.EC_P256;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Home home = options.home();
    Config config = CeremonyOptions.config(home);
    Pkcs11Uri root = options.root(home);
    PrintWriter narration = spec.commandLine().getErr();
    try (Token token = Token.open(CaToken.uri(home, config))) {
      Ceremonies ceremonies = CeremonyOptions.ceremonies(home);
      Ceremonies.Outcome made =
          ceremonies.init(
              new Ceremonies.Tokens(root, token),
              new Ceremonies.Plan(config.organization(), rootKeyType, keyType));
      PrintWriter out = spec.commandLine().getOut();
      CeremonyOptions.print(out, made);
      CaReport.Crl list = ceremonies.report().crl();
      if (list != null) {
        CaTable.print(out, list);
      }
    }
    narration.println(
        options.hasOwnToken()
            ? "take the root's token and its PIN away: only ca rollover and ca crl need them again"
            : "the root's key is in the token of the others; to keep it apart, begin again in"
                + " another home with --root");
    narration.println("next: guardbee up, or guardbee service run");
    return 0;
  }
}
