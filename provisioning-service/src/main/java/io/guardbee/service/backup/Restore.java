package io.guardbee.service.backup;

import io.guardbee.files.SafeFiles;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.config.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/** Puts a backup into a home that has no database, after all of it was read and checked. */
public final class Restore {

  private Restore() {}

  /**
   * Reads a backup into a directory of its own in the home, and checks it. The caller closes it.
   *
   * @param backup the file
   * @param home where to
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when the home has a database, or
   *     the file is no backup; nothing is left of it then
   */
  public static StagedBackup read(Path backup, Home home) throws IOException {
    if (Files.exists(Contents.database(home))) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "there is a database in " + home.database(),
          "stop the service and move that directory away, or restore into another home");
    }
    SafeFiles.directory(home.directory());
    Path directory = Files.createTempDirectory(home.directory(), ".restore-"); // mode 0700
    try {
      Home staged = new Home(directory);
      List<Path> files = new ArchiveReader(backup, staged).read();
      return new StagedBackup(home, staged, files, Clock.systemUTC());
    } catch (IOException | RuntimeException e) {
      remove(directory);
      throw e;
    }
  }

  static void remove(Path directory) throws IOException {
    SafeFiles.deleteContents(directory);
    Files.deleteIfExists(directory);
  }
}
