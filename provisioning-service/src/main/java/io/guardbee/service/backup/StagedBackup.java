package io.guardbee.service.backup;

import io.guardbee.files.SafeFiles;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.config.Home;
import io.guardbee.service.store.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A backup that was read and found to be one, beside the files of the home that it is for. Nothing
 * of it is in use before {@link #place}.
 */
public final class StagedBackup implements AutoCloseable {

  /** Where a configuration goes that is not to be used, or not yet. */
  public static final String BESIDE = "config.yaml.from-backup";

  private final Home home;
  private final Home staged;
  private final Clock clock;
  private final List<Path> files;
  private final List<Path> written = new ArrayList<>();
  private final List<Path> kept = new ArrayList<>();

  StagedBackup(Home home, Home staged, List<Path> files, Clock clock) {
    this.clock = clock;
    this.home = home;
    this.staged = staged;
    this.files = files;
  }

  /**
   * What became of the files.
   *
   * @param database whether a database was among them
   * @param beside the backup's configuration, where it is not in use
   */
  public record Result(
      List<Path> written, List<Path> kept, boolean database, Optional<Path> beside) {
    public Result {
      written = List.copyOf(written);
      kept = List.copyOf(kept);
    }
  }

  /**
   * The backup's configuration, where it can be used: it holds one, and the home has none.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when it is not understood
   */
  public Optional<ConfigChanges> configuration() throws IOException {
    return isConfigurationOpen()
        ? Optional.of(ConfigChanges.between(home, staged))
        : Optional.empty();
  }

  private boolean isConfigurationOpen() {
    return Files.exists(staged.config()) && !Files.exists(home.config());
  }

  /** The root's certificate, where the backup brings one that the home does not have. */
  public Optional<Path> root() {
    Path root = staged.ca().resolve("root.pem");
    boolean wanted = Files.exists(root) && !Files.exists(home.ca().resolve("root.pem"));
    return wanted ? Optional.of(root) : Optional.empty();
  }

  /**
   * Puts the files where they belong, the database last. A file that is there already stays as it
   * is.
   *
   * @param withConfiguration whether the backup's configuration is to be used, where the home has
   *     none; else it goes beside
   */
  public Result place(boolean withConfiguration) throws IOException {
    Optional<Path> beside = Optional.empty();
    for (Path file : files) {
      if (file.equals(staged.config()) && !(withConfiguration && isConfigurationOpen())) {
        beside = placeBeside(file);
      } else if (!Contents.isDatabase(staged, file)) {
        place(file, "rw-r--r--");
      }
    }
    boolean database = Files.exists(Contents.database(staged));
    if (database) {
      SafeFiles.directory(home.database());
      place(Contents.database(staged), "rw-------");
      SafeFiles.syncAll(home.database());
      beginFeedAnew();
    }
    return new Result(written, kept, database, beside);
  }

  private Optional<Path> placeBeside(Path file) throws IOException {
    if (Files.exists(home.config()) && Files.mismatch(home.config(), file) < 0) {
      kept.add(home.config());
      return Optional.empty();
    }
    if (Files.exists(home.config())) {
      kept.add(home.config());
    }
    Path beside = home.directory().resolve(BESIDE);
    Files.move(file, beside, StandardCopyOption.REPLACE_EXISTING);
    return Optional.of(beside);
  }

  private void place(Path file, String permissions) throws IOException {
    Path target = home.directory().resolve(staged.directory().relativize(file));
    if (Files.exists(target)) {
      kept.add(target);
      return;
    }
    Files.createDirectories(target.resolveSibling("."));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    SafeFiles.syncAll(file);
    Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
    written.add(target);
  }

  /**
   * Brokers may have applied events that came after the backup: numbers that will now be given to
   * others. To them it is another feed, of which they take everything. Certificates that were
   * issued after the backup are refused until an operator decides.
   */
  private void beginFeedAnew() throws IOException {
    try (Database database = Database.embedded(home.database())) {
      RestoredDatabase.begin(database, home, clock);
    }
  }

  /** Removes what was read and not placed. */
  @Override
  public void close() throws IOException {
    Restore.remove(staged.directory());
  }
}
