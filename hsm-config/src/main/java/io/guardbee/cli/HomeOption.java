package io.guardbee.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --home}, the same on every command: the directory where all that Guardbee makes lives. */
public final class HomeOption {

  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = "the home directory (default: $GUARDBEE_HOME, else ./.guardbee)")
  private @Nullable Path given;

  /** The directory given, else the environment's, else {@code .guardbee} here; absolute. */
  public Path directory() {
    if (given != null) {
      return given.toAbsolutePath().normalize();
    }
    String named = System.getenv("GUARDBEE_HOME");
    return Path.of(named == null || named.isBlank() ? ".guardbee" : named)
        .toAbsolutePath()
        .normalize();
  }
}
