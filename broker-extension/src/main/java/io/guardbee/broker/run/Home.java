package io.guardbee.broker.run;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where this Guardbee lives. */
final class Home {

  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = "Guardbee's home (default: $GUARDBEE_HOME, else ./.guardbee).")
  private @Nullable Path home;

  Path path() {
    if (home != null) {
      return home.toAbsolutePath().normalize();
    }
    String named = System.getenv("GUARDBEE_HOME");
    return Path.of(named == null || named.isBlank() ? ".guardbee" : named)
        .toAbsolutePath()
        .normalize();
  }
}
