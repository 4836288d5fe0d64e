package io.guardbee.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A server program that lives no longer than this JVM, however the JVM ends: a shell waits for the
 * end of its input, which only this JVM holds open, and kills the program then.
 */
final class Daemon {

  private static final String GUARD =
      "signal=$1; shift; \"$@\" & program=$!; read -r _; kill -s $signal $program; wait $program";

  private final Process guard;

  private Daemon(Process guard) {
    this.guard = guard;
  }

  static Daemon start(Map<String, String> environment, Path log, String... command)
      throws IOException {
    return start(environment, "KILL", log, command);
  }

  /**
   * @param signal ends the program, and all that it started
   */
  static Daemon start(Map<String, String> environment, String signal, Path log, String... command)
      throws IOException {
    List<String> guarded = new ArrayList<>(List.of("sh", "-c", GUARD, "sh", signal));
    guarded.addAll(List.of(command));
    ProcessBuilder builder =
        new ProcessBuilder(guarded)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    return new Daemon(builder.start());
  }

  /** Kills the program as a power cut would, and returns when it is gone. */
  void kill() throws IOException {
    guard.getOutputStream().close();
    guard.onExit().join();
  }
}
