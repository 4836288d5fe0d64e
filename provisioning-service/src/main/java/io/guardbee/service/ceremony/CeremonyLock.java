package io.guardbee.service.ceremony;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One ceremony at a time in a home, whichever process holds it. */
final class CeremonyLock {

  private static final Object IN_THIS_PROCESS = new Object(); // a file lock does not part threads

  private CeremonyLock() {}

  interface Work<T> {
    T run() throws IOException;
  }

  static <T> T holding(Path ca, Work<T> work) throws IOException {
    Path directory = History.directory(ca);
    Files.createDirectories(directory);
    synchronized (IN_THIS_PROCESS) {
      try (FileChannel channel =
          FileChannel.open(
              directory.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        channel.lock(); // until the channel closes
        return work.run();
      }
    }
  }
}
