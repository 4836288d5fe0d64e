package io.guardbee.bench.door;

import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Figures that need the broker's classes but no broker: a program beside the door's tests. */
final class Micro {

  private static final String MAIN = "io.guardbee.broker.bench.Micro";
  private static final int DEVICES = 256;
  private static final double WANTED_INDEX = 1.05;
  private static final double WANTED_OCTETS = 16;

  private Micro() {}

  /** Time and allocations of the decisions at CONNECT and PUBLISH. */
  static List<Figure> decision(Stage stage) throws IOException, InterruptedException {
    Path folder = folder(stage);
    stage.say("decisions: measuring by JMH");
    double seconds = Math.min(stage.plan().seconds(), 5);
    JsonNode found = run(stage, "decision", folder.toString(), String.valueOf(seconds));
    List<Figure> figures = new ArrayList<>();
    both(figures, found, "connect.whole", "the decision at a CONNECT: trust, status, policy");
    both(figures, found, "connect.trust", "of these, the issuer's signature, validity, purpose");
    both(figures, found, "connect.status", "of these, whether it is blocked");
    both(figures, found, "connect.policy", "of these, attributes, rule, client id, rights");
    both(figures, found, "publish.broker", "a PUBLISH by HiveMQ with the permissions of the door");
    both(figures, found, "publish.policy", "a PUBLISH by the policy's own rights");
    return figures;
  }

  private static void both(List<Figure> figures, JsonNode found, String name, String what) {
    JsonNode one = found.path(name);
    figures.add(Figure.of(name + ".nanos", one.path("nanos").asDouble(), "ns: %s", what));
    figures.add(
        Figure.of(name + ".octets", one.path("octets").asDouble(), "octets allocated: %s", what));
  }

  /** The check at a CONNECT with a big index and with an empty one. */
  static List<Figure> index(Stage stage) throws IOException, InterruptedException {
    Path folder = folder(stage);
    stage.say("index: filling it with " + stage.plan().entries() + " entries and measuring");
    JsonNode found =
        run(
            stage,
            "index",
            folder.toString(),
            String.valueOf(stage.plan().seconds()),
            String.valueOf(stage.plan().entries()));
    double none = found.path("checkNanosWithNone").asDouble();
    double many = found.path("checkNanosWithMany").asDouble();
    return List.of(
        Figure.of(
                "ratio",
                many / none,
                "the check at a CONNECT with %,d revoked (%,.0f ns) ÷ with none (%,.0f ns)",
                found.path("entries").asLong(),
                many,
                none)
            .atMost(WANTED_INDEX),
        Figure.of(
            "lookupNanos",
            found.path("lookupNanosWithMany").asDouble(),
            "ns for the lookup alone, at a place that no cache holds; %.0f ns in an empty index",
            found.path("lookupNanosWithNone").asDouble()),
        Figure.of(
                "octetsEach",
                found.path("octets").asDouble() / found.path("entries").asDouble(),
                "octets of the index for each revoked certificate")
            .atMost(WANTED_OCTETS));
  }

  /** Connects and revocations at the same moment. */
  static List<Figure> race(Stage stage) throws IOException, InterruptedException {
    stage.say("race: connecting and revoking " + stage.plan().tries() + " times");
    JsonNode found = run(stage, "race", String.valueOf(stage.plan().tries()));
    long tries = found.path("tries").asLong();
    if (tries == 0) {
      throw new RefusedException(
          Reason.INTERNAL, "the door has no race test", "see broker-extension/src/test");
    }
    found.path("failures").forEach(failure -> stage.note("race: " + failure.asString()));
    return List.of(
        Figure.of(
                "failed",
                found.path("failed").asDouble(),
                "seeds by which somebody stayed in who must not, of %,d connects and revocations at"
                    + " the same moment",
                tries)
            .atMost(0));
  }

  /** What the program reads: certificates and policy of a running Guardbee. */
  private static Path folder(Stage stage) throws IOException {
    Path home = stage.up().guardbee().home();
    Path folder = home.resolve("bench-micro");
    if (Files.exists(folder)) {
      return folder;
    }
    List<Member> devices = stage.roster().enrol("micro", DEVICES);
    Files.createDirectories(folder);
    Files.copy(home.resolve("ca/issuing.pem"), folder.resolve("issuing.pem"));
    Files.copy(
        home.resolve("broker/extensions/guardbee/conf/policy.yaml"), folder.resolve("policy.yaml"));
    Files.writeString(
        folder.resolve("devices.pem"),
        Pem.certificates(devices.stream().map(Member::certificate).toList()));
    return folder;
  }

  private static JsonNode run(Stage stage, String... arguments)
      throws IOException, InterruptedException {
    Path target = stage.launcher().launcher().resolveSibling("broker-extension/target");
    if (!Files.isDirectory(target.resolve("bench/lib"))) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "no " + target.resolve("bench/lib"),
          "build the checkout with its tests: remove target/launcher/built and run ./guardbee");
    }
    List<String> command = new ArrayList<>(command(target));
    command.addAll(List.of(arguments));
    Path errors = Files.createTempFile("guardbee-bench", ".log");
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    Thread onExit = new Thread(process::destroy); // an interrupted benchmark leaves nothing behind
    Runtime.getRuntime().addShutdownHook(onExit);
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    Runtime.getRuntime().removeShutdownHook(onExit);
    if (code != 0) {
      throw new RefusedException(
          Reason.INTERNAL,
          String.format(Locale.ROOT, "%s %s failed", MAIN, arguments[0]),
          "see " + errors);
    }
    Files.delete(errors);
    return JsonMapper.builder().build().readTree(out.lines().reduce("", (a, line) -> line));
  }

  private static List<String> command(Path target) {
    List<String> command =
        new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString()));
    if (Runtime.version().feature() >= 24) {
      command.add("--enable-native-access=ALL-UNNAMED"); // JEP 472
    }
    command.add("-cp");
    command.add(
        String.join(
            java.io.File.pathSeparator,
            target.resolve("test-classes").toString(),
            target.resolve("classes").toString(),
            target.resolve("bench/lib/*").toString(),
            target.resolve("broker/lib/*").toString()));
    command.add(MAIN);
    return command;
  }
}
