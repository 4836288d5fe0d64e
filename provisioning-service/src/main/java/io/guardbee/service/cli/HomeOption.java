package io.guardbee.service.cli;

import io.guardbee.service.config.Home;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --home}, the same on every command. */
public final class HomeOption {

  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = "the home directory (default: $GUARDBEE_HOME, else ./.guardbee)")
  private @Nullable Path directory;

  public Home home() {
    return Home.choose(directory);
  }
}
