package io.guardbee.hsm.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code guardbee hsm keys}. */
@Command(
    name = "keys",
    mixinStandardHelpOptions = true,
    description = "The keys in a token, and what depends on them.",
    subcommands = {KeysListCommand.class, KeysShowCommand.class, KeysDestroyCommand.class},
    footer = {
      "",
      "Examples:",
      "  guardbee hsm keys list",
      "  guardbee hsm keys show https",
      "  guardbee hsm keys destroy old-key"
    })
final class KeysCommand {

  @ParentCommand private HsmCommand hsm;

  Installation installation() {
    return hsm.installation();
  }
}
