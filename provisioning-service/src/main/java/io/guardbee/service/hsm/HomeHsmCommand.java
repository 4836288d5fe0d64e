package io.guardbee.service.hsm;

import io.guardbee.hsm.cli.HsmCommand;
import picocli.CommandLine.Command;

/** {@code guardbee hsm} on the tokens of a home. */
@Command(name = "hsm")
public final class HomeHsmCommand extends HsmCommand {

  HomeHsmCommand() {
    super(new HomeInstallation());
  }
}
