package io.guardbee.hsm.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which token a command is about: the home's, its agent's, or any by its URI. */
final class TokenOption {

  @Mixin private HomeOption home;

  @Option(
      names = "--token",
      paramLabel = "URI",
      description = "another token: pkcs11:token=…?module-path=…&pin-source=file:…")
  private @Nullable String token;

  @Option(names = "--agent", description = "the token of the agent on this machine")
  private boolean agent;

  Pkcs11Uri uri(Installation installation) throws IOException {
    if (token != null && agent) {
      throw new RefusedException(
          Reason.REQUEST_MALFORMED, "--token and --agent name two tokens", "give one of them");
    }
    if (token != null) {
      return Pkcs11Uri.parse(token);
    }
    return agent ? installation.agentToken(directory()) : installation.token(directory());
  }

  Path directory() {
    return home.directory();
  }

  Dependents dependents(Installation installation) throws IOException {
    return new Dependents(installation.dependents(directory()));
  }
}
