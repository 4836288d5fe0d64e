package io.guardbee.broker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** {@code guardbee broker run} as a process of its own, as users start it. */
final class BrokerProcess implements AutoCloseable {

  private static final String READY = "broker is ready on ";
  private static final String WAITING = "broker listens on ";
  private static final String ADDRESS = "ssl://localhost:";

  private final Process process;
  private final List<String> output = new CopyOnWriteArrayList<>();

  private BrokerProcess(Process process) {
    this.process = process;
    Thread reader = new Thread(this::read, "broker-output");
    reader.setDaemon(true);
    reader.start();
  }

  static List<String> command(String... arguments) {
    return command(BrokerArchive.options(), List.of(arguments));
  }

  private static List<String> command(List<String> options, List<String> arguments) {
    List<String> more = new ArrayList<>(options);
    more.add("-Dguardbee.extension.zip=" + System.getProperty("guardbee.extension.zip"));
    List<String> command = new ArrayList<>(java(more));
    command.add("io.guardbee.broker.run.Main");
    command.addAll(arguments);
    return command;
  }

  /** Java with these options and the broker's class path, which come last. */
  static List<String> java(List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= 24) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(options);
    command.add("-cp");
    command.add(
        System.getProperty("guardbee.broker.jar")
            + ":"
            + System.getProperty("guardbee.broker.lib")
            + "/*");
    return command;
  }

  /** Starts, on any free port unless one is named; does not wait for it. */
  static BrokerProcess launch(Path home, String service, String... port) {
    return launchWith(home, service, "--mqtts-port", port.length > 0 ? port[0] : "0");
  }

  /** Starts with further options; does not wait for it. */
  static BrokerProcess launchWith(Path home, String service, String... options) {
    return launch(BrokerArchive.options(), home, service, options);
  }

  /** Starts with these options for Java alone, on any free port. */
  static BrokerProcess launchBy(List<String> java, Path home, String service) {
    return launch(java, home, service, "--mqtts-port", "0");
  }

  private static BrokerProcess launch(
      List<String> java, Path home, String service, String... options) {
    List<String> arguments = new ArrayList<>(List.of("broker", "run", "--home", home.toString()));
    arguments.addAll(List.of("--service", service));
    arguments.addAll(List.of(options));
    try {
      ProcessBuilder builder = new ProcessBuilder(command(java, arguments));
      builder.redirectErrorStream(true);
      builder.environment().remove("GUARDBEE_DEBUG");
      return new BrokerProcess(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts, and waits until it says that it listens, whether it admits devices or not yet. */
  static BrokerProcess start(Path home, String service) {
    return launch(home, service).awaitReady();
  }

  /** Waits until it says that it listens. */
  BrokerProcess awaitReady() {
    Awaitility.await().alias("broker is ready").until(() -> isReady() || !process.isAlive());
    if (!isReady()) {
      throw new IllegalStateException(String.join("\n", output));
    }
    return this;
  }

  /** Starts, and waits until it follows the feed. */
  static BrokerProcess startAndFollow(Path home, String service) {
    BrokerProcess broker = start(home, service);
    broker.awaitLine("status of event");
    return broker;
  }

  private void read() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      reader.lines().forEach(output::add);
    } catch (IOException | UncheckedIOException e) {
      output.add("(output ended: " + e.getMessage() + ")");
    }
  }

  private boolean isReady() {
    return output.stream().anyMatch(BrokerProcess::saysAddress);
  }

  private static boolean saysAddress(String line) {
    return line.startsWith(READY) || line.startsWith(WAITING);
  }

  int port() {
    return output.stream()
        .filter(BrokerProcess::saysAddress)
        .map(line -> line.substring(line.indexOf(ADDRESS) + ADDRESS.length()))
        .map(rest -> Integer.parseInt(rest.replaceAll("\\D.*", "")))
        .findFirst()
        .orElseThrow();
  }

  /** The port in a line that it printed, after that text. */
  int portAfter(String text) {
    awaitLine(text);
    return output.stream()
        .filter(line -> line.contains(text))
        .map(line -> line.substring(line.indexOf(text) + text.length()).replaceAll("\\D.*", ""))
        .map(Integer::parseInt)
        .findFirst()
        .orElseThrow();
  }

  List<String> output() {
    return List.copyOf(output);
  }

  /** Waits for a line that holds all of these. */
  void awaitLine(String... parts) {
    Awaitility.await().alias("a line with " + List.of(parts)).until(() -> has(parts));
  }

  boolean has(String... parts) {
    return output.stream().anyMatch(line -> List.of(parts).stream().allMatch(line::contains));
  }

  /** The memory that it has in use, as Linux tells it. */
  long residentMebibytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
      }
    }
    throw new IOException("no VmRSS of process " + process.pid());
  }

  /** Waits for its end; the exit code. */
  int awaitExit() {
    try {
      if (!process.waitFor(5, TimeUnit.MINUTES)) {
        throw new IllegalStateException(String.join("\n", output));
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** SIGTERM, as a supervisor stops it. */
  int terminate() {
    process.destroy();
    return awaitExit();
  }

  /** SIGKILL, as a power cut does. */
  void kill() {
    process.destroyForcibly();
    awaitExit();
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      kill();
    }
  }
}
