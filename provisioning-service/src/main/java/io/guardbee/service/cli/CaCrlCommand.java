package io.guardbee.service.cli;

import io.guardbee.pki.Serial;
import io.guardbee.service.ceremony.CaReport;
import io.guardbee.service.ceremony.CaRevocationReason;
import io.guardbee.service.ceremony.Ceremonies;
import io.guardbee.service.config.Home;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code guardbee ca crl}. */
@Command(
    name = "crl",
    mixinStandardHelpOptions = true,
    description = {
      "Signs the root's list of revoked CA certificates, ca/root.crl (PEM).",
      "Run it before the last one ends, which ca show tells: programs that check the whole chain"
          + " refuse everything after that.",
      "It holds what the last one held. A predecessor that it revokes leaves ca/<role>.pem: from"
          + " the next start on, nothing that it signed is believed."
    },
    footer = {
      "",
      "Examples:",
      "  guardbee ca crl",
      "  guardbee ca crl --revoke 59DF44CE0462F4BED51F2FD692E2AD43B32D9E57 --reason cACompromise"
    })
final class CaCrlCommand implements Callable<Integer> {

  private static final int LONGEST_DAYS = 3650;

  /** One authority to revoke. */
  static final class Revocation {
    @Option(
        names = "--revoke",
        required = true,
        paramLabel = "SERIAL",
        description = "a predecessor, as guardbee ca show prints it")
    private String serial;

    @Option(
        names = "--reason",
        paramLabel = "R",
        description =
            "keyCompromise, cACompromise, affiliationChanged, superseded or cessationOfOperation")
    private @Nullable String reason;
  }

  @ArgGroup(exclusive = false, multiplicity = "0..*")
  private final List<Revocation> revocations = new ArrayList<>();

  @Option(
      names = "--days",
      paramLabel = "N",
      defaultValue = "90",
      description = "days until the next one is due (default: 90)")
  private int days;

  @Mixin private CeremonyOptions options;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (days < 1 || days > LONGEST_DAYS) {
      throw new ParameterException(
          spec.commandLine(), "--days " + days + ": give 1 to " + LONGEST_DAYS);
    }
    Map<Serial, Optional<CaRevocationReason>> wanted = new LinkedHashMap<>();
    for (Revocation each : revocations) {
      wanted.put(
          Serial.parse(each.serial),
          Optional.ofNullable(each.reason).map(CaRevocationReason::parse));
    }
    Home home = options.home();
    Ceremonies ceremonies = CeremonyOptions.ceremonies(home);
    Ceremonies.Outcome made =
        ceremonies.crl(options.root(home), new Ceremonies.CrlOrder(wanted, Duration.ofDays(days)));
    PrintWriter out = spec.commandLine().getOut();
    CaReport.Crl list = ceremonies.report().crl();
    if (list != null) {
      CaTable.print(out, list);
    }
    CeremonyOptions.print(out, made);
    if (!wanted.isEmpty()) {
      spec.commandLine()
          .getErr()
          .println("next: restart the service and the brokers: they believe it no more from then");
    }
    return 0;
  }
}
