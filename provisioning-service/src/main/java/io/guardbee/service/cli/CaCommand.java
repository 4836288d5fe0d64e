package io.guardbee.service.cli;

import picocli.CommandLine.Command;

/** {@code guardbee ca}: the certificate authorities of a home. */
@Command(
    name = "ca",
    mixinStandardHelpOptions = true,
    description = "The certificate authorities, and the ceremonies in which their root signs.",
    subcommands = {
      CaInitCommand.class,
      CaRolloverCommand.class,
      CaCrlCommand.class,
      CaShowCommand.class
    },
    footer = {
      "",
      "Examples:",
      "  guardbee ca init --root 'pkcs11:token=root?pin-source=file:/media/root.pin'",
      "  guardbee ca rollover issuing",
      "  guardbee ca show"
    })
public final class CaCommand {}
