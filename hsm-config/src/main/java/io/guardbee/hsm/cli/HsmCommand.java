package io.guardbee.hsm.cli;

import picocli.CommandLine.Command;

/** {@code guardbee hsm}: the tokens that hold the keys. A program extends it with what it knows. */
@Command(
    name = "hsm",
    mixinStandardHelpOptions = true,
    description = "The PKCS#11 tokens that hold the keys.",
    subcommands = {CheckCommand.class, InitCommand.class, KeysCommand.class, ProfilesCommand.class},
    footer = {
      "",
      "Examples:",
      "  guardbee hsm check",
      "  guardbee hsm check --deep --token 'pkcs11:token=ca?pin-source=file:/etc/guardbee/pin'",
      "  guardbee hsm keys list --agent",
      "  guardbee hsm profiles softhsm2"
    })
public abstract class HsmCommand {

  private final Installation installation;

  protected HsmCommand(Installation installation) {
    this.installation = installation;
  }

  Installation installation() {
    return installation;
  }
}
