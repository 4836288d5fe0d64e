package io.guardbee.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * The classes that every broker loads, parsed and verified once for all tests (JEP 350). The file
 * is of one broker that has done what most do: one that has been refused leaves few.
 */
final class BrokerArchive {

  private static final Path FILE = Path.of("target/broker.jsa").toAbsolutePath();

  private BrokerArchive() {}

  /** Options for Java; the first caller waits for the file. */
  static synchronized List<String> options() {
    if (Runtime.version().feature() < 21) {
      return List.of(); // it crashes as it writes one (JDK-8274944)
    }
    if (!Files.exists(FILE)) {
      make();
    }
    return options("-XX:SharedArchiveFile=" + FILE);
  }

  private static List<String> options(String archive) {
    return List.of(archive, "-Xlog:cds=off", "-Xlog:cds+dynamic=off");
  }

  private static void make() {
    Pki pki = Pki.make();
    try {
      Path home = Files.createTempDirectory(FILE.getParent(), "archived-");
      Path made = home.resolve("broker.jsa");
      pki.writeHome(home);
      DoorIT.writePolicy(home, DoorIT.POLICY);
      try (FeedServer feed = new FeedServer(pki);
          BrokerProcess broker =
              BrokerProcess.launchBy(
                  options("-XX:ArchiveClassesAtExit=" + made), home, feed.url())) {
        broker.awaitReady().awaitLine("status of event");
        broker.terminate();
      }
      Files.move(made, FILE, StandardCopyOption.ATOMIC_MOVE); // another JVM makes one too
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
