package io.guardbee.service.cli;

import picocli.CommandLine.Command;

/** {@code guardbee factory}: many devices at once. */
@Command(
    name = "factory",
    mixinStandardHelpOptions = true,
    description = "Enrols devices in bulk.",
    subcommands = {FactoryImportCommand.class, FactoryEnrollCommand.class},
    footer = {
      "",
      "Examples:",
      "  guardbee factory import devices.csv --out tokens.csv",
      "  guardbee factory enroll --csrs csrs.ndjson --out certs.ndjson"
    })
public final class FactoryCommand {}
