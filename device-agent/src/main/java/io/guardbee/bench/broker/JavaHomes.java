package io.guardbee.bench.broker;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The Javas of this machine, where packages and people put them. */
public final class JavaHomes {

  private static final List<Path> PLACES =
      List.of(Path.of("/usr/lib/jvm"), Path.of("/opt/java"), Path.of("/opt"));

  private JavaHomes() {}

  /** One of that version, such as 17; our own if it is. */
  public static Optional<Path> find(int version) throws IOException {
    List<Path> candidates = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"))));
    String named = System.getenv("JAVA_HOME");
    if (named != null) {
      candidates.add(Path.of(named));
    }
    for (Path place : PLACES) {
      if (Files.isDirectory(place)) {
        try (DirectoryStream<Path> homes = Files.newDirectoryStream(place)) {
          homes.forEach(candidates::add);
        }
      }
    }
    for (Path candidate : candidates) {
      if (isJava(candidate, version)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /** By the file that every Java carries. */
  private static boolean isJava(Path home, int version) throws IOException {
    Path release = home.resolve("release");
    return Files.isReadable(release)
        && Files.isExecutable(home.resolve("bin/java"))
        && Files.readString(release).contains("JAVA_VERSION=\"" + version + ".");
  }
}
