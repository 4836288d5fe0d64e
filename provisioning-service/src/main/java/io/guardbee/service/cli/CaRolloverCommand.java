package io.guardbee.service.cli;

import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.pki.Identity;
import io.guardbee.service.authority.AuthorityFiles;
import io.guardbee.service.authority.CaToken;
import io.guardbee.service.ceremony.Ceremonies;
import io.guardbee.service.config.Home;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code guardbee ca rollover}. */
@Command(
    name = "rollover",
    mixinStandardHelpOptions = true,
    description = {
      "Gives the issuing or the operations CA a new key and certificate below the same root.",
      "What its predecessor has signed stays believed until the predecessor's end. The service"
          + " signs with the new key from its next start on."
    },
    footer = {
      "",
      "Examples:",
      "  guardbee ca rollover issuing",
      "  guardbee ca rollover operations --root 'pkcs11:token=root?pin-source=file:/media/root.pin'"
    })
final class CaRolloverCommand implements Callable<Integer> {

  /** The roles, for picocli. */
  static final class Roles extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Roles() {
      super(AuthorityFiles.ROLES);
    }
  }

  @Parameters(
      paramLabel = "ROLE",
      completionCandidates = Roles.class,
      description = "${COMPLETION-CANDIDATES}")
  private String role;

  @Mixin private CeremonyOptions options;

  @Option(
      names = "--key-type",
      paramLabel = "TYPE",
      converter = KeyTypeConverter.class,
      description = "type of the new key (default: the predecessor's)")
  private @Nullable KeyType keyType;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (!AuthorityFiles.ROLES.contains(role)) {
      throw new ParameterException(
          spec.commandLine(), "'" + role + "' is no role; use one of " + AuthorityFiles.ROLES);
    }
    Home home = options.home();
    PrintWriter narration = spec.commandLine().getErr();
    try (Token token = Token.open(CaToken.uri(home, CeremonyOptions.config(home)))) {
      Ceremonies.Outcome made =
          CeremonyOptions.ceremonies(home)
              .rollover(
                  new Ceremonies.Tokens(options.root(home), token),
                  role,
                  Optional.ofNullable(keyType));
      CeremonyOptions.print(spec.commandLine().getOut(), made);
    }
    if (role.equals(Identity.ISSUING)) {
      narration.println(
          "next: give "
              + AuthorityFiles.file(home.ca(), role)
              + " to brokers on other machines and restart them");
    }
    narration.println("next: restart the service: it signs with the new key from then on");
    return 0;
  }
}
