package io.guardbee.service.cli;

import picocli.CommandLine.Command;

/** {@code guardbee config}: the settings of a home. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    description = "The settings of a home, which stand in its config.yaml.",
    subcommands = ConfigShowCommand.class,
    footer = {"", "Examples:", "  guardbee config show", "  guardbee config show --defaults"})
public final class ConfigCommand {}
