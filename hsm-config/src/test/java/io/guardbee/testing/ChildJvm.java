package io.guardbee.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A second JVM with the class path of this one, for what only another process can show. */
public final class ChildJvm {

  /** What the process left behind. */
  public record Result(int exitCode, String stdout, String stderr) {}

  private final Process process;
  private final Path stdout;
  private final Path stderr;

  private ChildJvm(Process process, Path stdout, Path stderr) {
    this.process = process;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /**
   * Starts {@code main} of the class with more environment variables.
   *
   * @param jvmOptions options before the class name
   */
  public static ChildJvm start(
      Class<?> main, Map<String, String> environment, List<String> jvmOptions, String... args)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= 24) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-XX:+UseSerialGC");
    command.addAll(jvmOptions);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(args));
    Path out = Files.createTempFile("guardbee", ".out");
    Path err = Files.createTempFile("guardbee", ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().putAll(environment);
    return new ChildJvm(builder.start(), out, err);
  }

  public static Result run(Class<?> main, Map<String, String> environment, String... args)
      throws IOException, InterruptedException {
    return start(main, environment, List.of(), args).result();
  }

  public Process process() {
    return process;
  }

  /** Waits for the end. */
  public Result result() throws IOException, InterruptedException {
    if (!process.waitFor(5, TimeUnit.MINUTES)) {
      process.destroyForcibly().waitFor();
    }
    Result result = new Result(process.exitValue(), text(stdout), text(stderr));
    Files.delete(stdout);
    Files.delete(stderr);
    return result;
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }
}
