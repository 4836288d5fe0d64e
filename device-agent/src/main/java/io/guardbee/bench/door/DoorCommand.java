package io.guardbee.bench.door;

import io.guardbee.cli.HomeOption;
import io.guardbee.launch.Guardbee;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code guardbee bench door}. */
@Command(
    name = "door",
    description = {
      "What the broker's door costs: connects and messages a second against brokers without one,",
      "revocation to closed connection among many, heap of a connection, time of a decision.",
      "",
      "Sections: connects, messages, revoke, heap, decision, index, race."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  guardbee bench door",
      "  guardbee bench door --only connects,messages --seconds 60 --json > door.json",
      "  guardbee bench door --only connects --profile recordings",
      "  guardbee bench door --only race --tries 1000000",
      "",
      "Takes about fifteen minutes; clients and servers share the machine, which should do nothing",
      "else. A Java 17 and Mosquitto are compared with where the machine has them.",
      "",
      "Exit codes: 0 measured, 1 refused or failed, 2 misuse."
    })
public final class DoorCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private HomeOption home = new HomeOption();

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "SECTION",
      description = "run these sections (default: all)")
  private List<String> only = List.of();

  @Option(
      names = "--seconds",
      defaultValue = "30",
      paramLabel = "N",
      description = "how long each rate is measured (default: ${DEFAULT-VALUE})")
  private long seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "30",
      paramLabel = "N",
      description =
          "seconds before each measurement, at least; longer while it still grows faster"
              + " (default: ${DEFAULT-VALUE})")
  private long warmUp;

  @Option(
      names = "--live",
      defaultValue = "10000",
      paramLabel = "N",
      description = "connections that are open meanwhile (default: ${DEFAULT-VALUE})")
  private int live;

  @Option(
      names = "--revocations",
      defaultValue = "200",
      paramLabel = "N",
      description = "devices revoked one by one (default: ${DEFAULT-VALUE})")
  private int revocations;

  @Option(
      names = "--entries",
      defaultValue = "10000000",
      paramLabel = "N",
      description = "revoked certificates in the big index (default: ${DEFAULT-VALUE})")
  private int entries;

  @Option(
      names = "--tries",
      defaultValue = "100000",
      paramLabel = "N",
      description = "races of a connect and a revocation (default: ${DEFAULT-VALUE})")
  private int tries;

  @Option(
      names = "--groups",
      defaultValue = "secp256r1",
      paramLabel = "NAMES",
      description =
          "what the clients offer for the key exchange of TLS: the curve of their keys, as devices"
              + " with a secure element do, or such as x25519,secp256r1 (default: ${DEFAULT-VALUE})")
  private String groups = "secp256r1";

  @Option(
      names = "--profile",
      paramLabel = "DIR",
      description =
          "after the connects, record each Java broker and its clients there (Java Flight Recorder)")
  private @Nullable Path profile;

  @Option(names = "--json", description = "one JSON object instead of the table")
  private boolean json;

  /** Entries of the revocation list that Mosquitto looks at. */
  private static final int LISTED = 1000;

  @Override
  public Integer call() throws Exception {
    Set<Section> wanted = wanted();
    System.setProperty("jdk.tls.namedGroups", groups); // before the first TLS of this process
    PrintWriter narration = spec.commandLine().getErr();
    Stage.Plan plan =
        new Stage.Plan(
            seconds,
            warmUp,
            live,
            revocations,
            LISTED,
            entries,
            tries,
            Optional.ofNullable(profile));
    DoorFigures figures;
    try (Stage stage = new Stage(Guardbee.of(home.directory()), plan, narration)) {
      figures = DoorBench.run(stage, wanted, Map.of("key exchange", groups));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(JsonMapper.builder().build().writeValueAsString(figures.json()));
    } else {
      figures.table(out);
    }
    return 0;
  }

  private Set<Section> wanted() {
    if (seconds < 1 || warmUp < 0 || live < 1 || revocations < 1 || entries < 1 || tries < 1) {
      throw new ParameterException(spec.commandLine(), "give numbers of at least 1");
    }
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
