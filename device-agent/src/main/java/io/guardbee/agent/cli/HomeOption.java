package io.guardbee.agent.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The home directory: as given, else the environment's, else here. */
public final class HomeOption {

  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = "home directory (default: $GUARDBEE_HOME, else ./.guardbee)")
  private @Nullable Path given;

  public Path path() {
    return path(System.getenv());
  }

  Path path(Map<String, String> environment) {
    if (given != null) {
      return given.toAbsolutePath().normalize();
    }
    String fallback = environment.getOrDefault("GUARDBEE_HOME", "");
    return Path.of(fallback.isEmpty() ? ".guardbee" : fallback).toAbsolutePath().normalize();
  }
}
