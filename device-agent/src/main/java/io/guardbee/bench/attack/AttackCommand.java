package io.guardbee.bench.attack;

import com.sun.management.UnixOperatingSystemMXBean;
import io.guardbee.cli.HomeOption;
import io.guardbee.launch.Guardbee;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code guardbee bench attack}. */
@Command(
    name = "attack",
    description = {
      "Attacks a guardbee up of its own, and tells what other clients notice.",
      "",
      "Sections:",
      "  tls-hello     ten octets that announce a ClientHello of 16 MiB or 32 KiB, to the broker",
      "  http-bodies   OCSP requests whose bodies never arrive, to the service, from 4 addresses",
      "  https-bodies  EST requests of that kind, each after a TLS handshake"
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  guardbee bench attack",
      "  guardbee bench attack --only tls-hello --connections 900",
      "  guardbee bench attack --json > attack.json",
      "",
      "Sockets that the target closes are opened again, a fifth of them a second. Attacker, clients",
      "and servers share the machine. Uses 127.0.0.2 to 127.0.0.5, which Linux has.",
      "",
      "Exit codes: 0 measured, 1 the target ended or a client was not served at all, 2 misuse."
    })
public final class AttackCommand implements Callable<Integer> {

  private static final int OTHER_FILES = 500;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private HomeOption home = new HomeOption();

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "SECTION",
      description = "run these sections (default: all)")
  private List<String> only = List.of();

  @Option(
      names = "--connections",
      defaultValue = "5000",
      paramLabel = "N",
      description = "sockets that the attacker holds open (default: ${DEFAULT-VALUE})")
  private int connections;

  @Option(
      names = "--seconds",
      defaultValue = "15",
      paramLabel = "N",
      description = "how long each measurement takes (default: ${DEFAULT-VALUE})")
  private long seconds;

  @Option(names = "--json", description = "one JSON object instead of the table")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    Set<Section> wanted = wanted();
    if (connections < 1 || seconds < 1) {
      throw new ParameterException(spec.commandLine(), "give numbers of at least 1");
    }
    requireFiles();
    PrintWriter narration = spec.commandLine().getErr();
    AttackFigures figures =
        new AttackBench(
                Guardbee.of(home.directory()),
                new AttackBench.Plan(connections, seconds),
                narration)
            .run(wanted);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(JsonMapper.builder().build().writeValueAsString(figures.json()));
    } else {
      figures.table(out);
    }
    return 0;
  }

  /** Attacker and target are processes of their own with the same limit. */
  private void requireFiles() {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        && unix.getMaxFileDescriptorCount() < connections + OTHER_FILES) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "a process may open " + unix.getMaxFileDescriptorCount() + " files",
          "ulimit -n " + (connections + OTHER_FILES) + ", or fewer --connections");
    }
  }

  private Set<Section> wanted() {
    if (only.isEmpty()) {
      return EnumSet.allOf(Section.class);
    }
    Set<Section> wanted = EnumSet.noneOf(Section.class);
    for (String name : only) {
      wanted.add(
          List.of(Section.values()).stream()
              .filter(section -> section.toString().equals(name))
              .findFirst()
              .orElseThrow(
                  () ->
                      new ParameterException(
                          spec.commandLine(), "there is no section '" + name + "'; see --help")));
    }
    return wanted;
  }
}
