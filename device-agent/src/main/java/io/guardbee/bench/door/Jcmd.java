package io.guardbee.bench.door;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Asks a JVM about itself by the tool that stands beside its {@code java}. */
final class Jcmd {

  private Jcmd() {}

  /** Whether that process can be asked: Mosquitto, or a Java without tools, cannot. */
  static boolean answers(ProcessHandle process) {
    return Files.isExecutable(tool(process));
  }

  /**
   * Runs one command.
   *
   * @return what it printed
   * @throws IOException when it fails
   */
  static String run(ProcessHandle process, String... command)
      throws IOException, InterruptedException {
    List<String> line =
        new ArrayList<>(List.of(tool(process).toString(), String.valueOf(process.pid())));
    line.addAll(List.of(command));
    Process jcmd = new ProcessBuilder(line).redirectErrorStream(true).start();
    String text = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (jcmd.waitFor() != 0) {
      throw new IOException("jcmd " + command[0] + ": " + text.strip());
    }
    return text;
  }

  private static Path tool(ProcessHandle process) {
    return Path.of(process.info().command().orElseThrow()).resolveSibling("jcmd");
  }
}
