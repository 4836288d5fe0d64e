package io.guardbee.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * The classes that every broker loads, parsed and verified once for all tests (class data sharing).
 * The file is of one broker that has done what most do: one that has been refused leaves few.
 */
final class BrokerArchive {

  private static final Path FILE = Path.of("target/broker.jsa").toAbsolutePath();

  private BrokerArchive() {}

  /** Options for Java; the first caller waits for the file, as do those in other JVMs. */
  static synchronized List<String> options() {
    try (FileChannel channel =
            FileChannel.open(
                FILE.resolveSibling("broker.jsa.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      if (lock.isValid() && !Files.exists(FILE)) {
        make(Files.createTempDirectory(FILE.getParent(), "archived-"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return options("-XX:SharedArchiveFile=" + FILE);
  }

  private static List<String> options(String archive) {
    return List.of(archive, "-Xlog:cds=off", "-Xlog:cds+dynamic=off");
  }

  private static void make(Path home) throws IOException {
    Path made = home.resolve("broker.jsa");
    if (Runtime.version().feature() >= 21) {
      run(home, options("-XX:ArchiveClassesAtExit=" + made));
    } else { // Java crashes as it writes one at its end, and for classes of lambdas (JDK-8274944)
      Path loaded = home.resolve("loaded.classes");
      run(home, List.of("-XX:DumpLoadedClassList=" + loaded));
      dump(loaded, made);
    }
    Files.move(made, FILE, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void run(Path home, List<String> options) throws IOException {
    Pki pki = Pki.make();
    pki.writeHome(home);
    DoorIT.writePolicy(home, DoorIT.POLICY);
    try (FeedServer feed = new FeedServer(pki);
        BrokerProcess broker = BrokerProcess.launchBy(options, home, feed.url())) {
      broker.awaitReady().awaitLine("status of event");
      broker.terminate();
    }
  }

  private static void dump(Path loaded, Path made) throws IOException {
    Path classes = loaded.resolveSibling("archived.classes");
    try (Stream<String> lines = Files.lines(loaded)) {
      Files.write(classes, lines.filter(line -> !line.startsWith("@lambda-proxy")).toList());
    }
    List<String> command =
        BrokerProcess.java(
            List.of(
                "-Xshare:dump",
                "-Xlog:disable",
                "-XX:SharedClassListFile=" + classes,
                "-XX:SharedArchiveFile=" + made));
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (process.onExit().join().exitValue() != 0) {
      throw new IOException(String.join(" ", command) + " failed");
    }
  }
}
