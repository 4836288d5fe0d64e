package io.guardbee.service.backup;

import io.guardbee.files.SafeFiles;
import io.guardbee.service.config.Home;
import io.guardbee.service.store.Database;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Copies a home while its service is at work: the database as of one moment, the certificates and
 * ceremony records in {@code ca/}, and {@code config.yaml}. The keys are in the module and stay
 * there. Thread-safe.
 */
public final class Backup {

  private final Database database;
  private final Home home;

  public Backup(Database database, Home home) {
    this.database = database;
    this.home = home;
  }

  /** Whether the database is in it; one on a PostgreSQL server is not. */
  public boolean holdsDatabase() {
    return !database.isShared();
  }

  /**
   * Makes the copy as a file that the caller deletes.
   *
   * @return a zip file
   */
  public Path make() throws IOException {
    SafeFiles.directory(home.run());
    Path file = Files.createTempFile(home.run(), "backup", ".zip"); // mode 0600
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      if (holdsDatabase()) {
        addDatabase(zip);
      }
      addFiles(zip, home.ca());
      addFiles(zip, home.config());
      return file;
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  /** H2 makes a zip of its own; what is in it goes into ours. */
  private void addDatabase(ZipOutputStream zip) throws IOException {
    Path copy = Files.createTempFile(home.run(), "database", ".zip");
    try {
      database.backupTo(copy);
      try (ZipInputStream own = new ZipInputStream(Files.newInputStream(copy))) {
        for (ZipEntry entry = own.getNextEntry(); entry != null; entry = own.getNextEntry()) {
          Path name = home.database().resolve(entry.getName());
          add(zip, name, own);
        }
      }
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  private void addFiles(ZipOutputStream zip, Path from) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(from)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    for (Path file : files) {
      if (!Contents.isWanted(home, file)) {
        continue;
      }
      try (InputStream content = Files.newInputStream(file)) {
        add(zip, file, content);
      }
    }
  }

  private void add(ZipOutputStream zip, Path file, InputStream content) throws IOException {
    zip.putNextEntry(new ZipEntry(home.directory().relativize(file).toString()));
    content.transferTo((OutputStream) zip);
    zip.closeEntry();
  }
}
