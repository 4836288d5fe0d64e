package io.guardbee.service.cli;

import picocli.CommandLine.Command;

/** {@code guardbee audit}: what was done, by whom. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description = {
      "The audit log: every grant, certificate, refusal by policy, revocation, ceremony and change",
      "of configuration, each entry chained to the one before, the end signed in the module."
    },
    subcommands = {AuditExportCommand.class, AuditVerifyCommand.class},
    footer = {
      "",
      "Examples:",
      "  guardbee audit export > audit.ndjson",
      "  guardbee audit verify",
      "  guardbee audit verify audit.ndjson --trust root.pem"
    })
public final class AuditCommand {}
