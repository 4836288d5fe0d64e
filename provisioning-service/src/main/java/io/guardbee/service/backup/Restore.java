package io.guardbee.service.backup;

import io.guardbee.files.SafeFiles;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.config.Home;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.store.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;

/**
 * Puts a backup into a home that has no database. A file that is there already stays as it is: it
 * may be newer than the backup.
 */
public final class Restore {

  private final Home home;
  private final Path source;
  private final List<Path> written = new ArrayList<>();
  private final List<Path> kept = new ArrayList<>();

  /**
   * @param backup the file
   * @param home where to
   */
  public Restore(Path backup, Home home) {
    this.source = backup;
    this.home = home;
  }

  /** What became of the files, and whether a database was among them. */
  public record Result(List<Path> written, List<Path> kept, boolean database) {
    public Result {
      written = List.copyOf(written);
      kept = List.copyOf(kept);
    }
  }

  /**
   * Does it.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when the home has a database, or
   *     the file is no backup; what was not there before may be there then
   */
  public Result run() throws IOException {
    Path database = Contents.database(home);
    if (Files.exists(database)) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "there is a database in " + home.database(),
          "stop the service and move that directory away, or restore into another home");
    }
    SafeFiles.directory(home.directory());
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(source))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        place(entry.getName(), zip);
      }
    } catch (ZipException e) {
      throw noBackup(String.valueOf(e.getMessage()));
    }
    if (written.isEmpty() && kept.isEmpty()) {
      throw noBackup("it holds nothing");
    }
    boolean restored = Files.exists(database);
    if (restored) {
      beginFeedAnew();
    }
    return new Result(written, kept, restored);
  }

  private void place(String name, ZipInputStream content) throws IOException {
    Path file = home.directory().resolve(name).normalize();
    if (!Contents.isWanted(home, file)) {
      throw noBackup("it holds " + Quoted.of(name));
    }
    if (Files.exists(file)) {
      kept.add(file);
    } else if (Contents.isDatabase(home, file)) {
      placeDatabase(file, content);
    } else {
      SafeFiles.writePublic(file, content.readAllBytes());
    }
    if (!kept.contains(file)) {
      written.add(file);
    }
  }

  /** It may be too large for the memory, and must not be there by halves. */
  private void placeDatabase(Path file, ZipInputStream content) throws IOException {
    SafeFiles.directory(home.database());
    Path draft = Files.createTempFile(home.database(), "restore", ".new");
    try {
      Files.copy(content, draft, StandardCopyOption.REPLACE_EXISTING);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(draft);
    }
    SafeFiles.syncAll(home.database());
  }

  /**
   * Brokers may have applied events that came after the backup: numbers that will now be given to
   * others. To them it is another feed, of which they take everything.
   */
  private void beginFeedAnew() throws IOException {
    try (Database database = Database.embedded(home.database())) {
      EventLog.beginAnew(database);
    }
  }

  private RefusedException noBackup(String why) {
    return new RefusedException(
        Reason.CONFIGURATION_INVALID,
        source + " is no backup of Guardbee: " + why,
        "name a file that guardbee backup has written");
  }
}
