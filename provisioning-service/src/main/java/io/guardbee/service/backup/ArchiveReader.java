package io.guardbee.service.backup;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.config.Home;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;

/**
 * Reads a backup, which may come from anywhere, into a directory of its own. Whatever does not
 * belong into a backup, or is more than a backup can be, ends it. Nothing is held in memory but a
 * buffer; each file has mode 0600.
 */
final class ArchiveReader {

  /** A home has some tens of files in {@code ca/}. */
  static final int MOST_FILES = 10_000;

  static final long LARGEST_FILE = 1 << 20;
  static final long LARGEST_DATABASE = 64L << 30;

  /** A database of random keys and certificates shrinks to a half or a third. */
  static final long MOST_EXPANSION = 100;

  /** So much is allowed however small the archive is: an empty database is mostly zeros. */
  static final long ALWAYS_ALLOWED = 64L << 20;

  private static final int DEEPEST = 3;

  private final Path source;
  private final Home target;
  private final long most;
  private final Set<Path> files = new LinkedHashSet<>();
  private long total;

  /**
   * @param target a home that nobody uses yet
   */
  ArchiveReader(Path source, Home target) throws IOException {
    this.source = source;
    this.target = target;
    this.most = Math.max(ALWAYS_ALLOWED, MOST_EXPANSION * Files.size(source));
  }

  /**
   * Reads all of it.
   *
   * @return the files, in the order of the archive
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when it is not what {@code
   *     guardbee backup} writes
   */
  List<Path> read() throws IOException {
    try (InputStream octets = Files.newInputStream(source);
        ZipInputStream zip = new ZipInputStream(octets)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (!entry.isDirectory()) {
          read(entry.getName(), zip);
        } else if (!entry.getName().matches("(ca|ca/ceremonies|db)/")) {
          throw unfit("it holds the directory " + Quoted.of(entry.getName()));
        }
      }
    } catch (EOFException e) {
      throw unfit("it is cut off");
    } catch (FileAlreadyExistsException e) {
      throw unfit("one of its files lies in another one");
    } catch (ZipException | IllegalArgumentException e) { // a name that is no UTF-8
      throw unfit(Quoted.failure(e));
    }
    if (files.isEmpty()) {
      throw unfit("it holds nothing");
    }
    return List.copyOf(files);
  }

  private void read(String name, ZipInputStream content) throws IOException {
    Path file = place(name);
    if (files.contains(file)) {
      throw unfit("it holds " + Quoted.of(name) + " twice");
    }
    if (files.size() >= MOST_FILES) {
      throw unfit("it holds more than " + MOST_FILES + " files");
    }
    boolean database = Contents.isDatabase(target, file);
    copy(name, content, file, database ? LARGEST_DATABASE : LARGEST_FILE);
    files.add(file);
    if (!isShaped(file, database)) {
      throw unfit(Quoted.of(name) + " is not what its name says");
    }
  }

  /** Only the very names that {@code guardbee backup} writes. */
  private Path place(String name) {
    try {
      Path relative = Path.of(name);
      Path file = target.directory().resolve(relative).normalize();
      boolean plain =
          !relative.isAbsolute()
              && relative.normalize().toString().equals(name)
              && !name.contains("\\")
              && relative.getNameCount() <= DEEPEST;
      if (plain && Contents.isWanted(target, file)) {
        return file;
      }
    } catch (InvalidPathException e) {
      // told below
    }
    throw unfit("it holds " + Quoted.of(name) + ", which belongs into no backup");
  }

  private void copy(String name, ZipInputStream content, Path file, long largest)
      throws IOException {
    Files.createDirectories(
        file.resolveSibling("."),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.WRITE)) {
      byte[] buffer = new byte[1 << 16];
      long size = 0;
      for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
        size += read;
        total += read;
        if (size > largest) {
          throw unfit(Quoted.of(name) + " is larger than " + largest + " octets");
        }
        if (total > most) {
          throw unfit("it expands to more than " + most + " octets");
        }
        out.write(buffer, 0, read);
      }
    }
  }

  /** A symbolic link in a zip file, for one, is a file that holds a path. */
  private static boolean isShaped(Path file, boolean database) throws IOException {
    byte[] head = new byte[4096];
    int length;
    try (InputStream in = Files.newInputStream(file)) {
      length = in.readNBytes(head, 0, head.length);
    }
    String text = new String(head, 0, length, StandardCharsets.ISO_8859_1);
    String name = String.valueOf(file.getFileName());
    if (database) {
      return text.startsWith("H:2");
    }
    if (name.endsWith(".pem") || name.endsWith(".crl")) {
      return text.contains("-----BEGIN ");
    }
    return !name.endsWith(".json") || text.stripLeading().startsWith("{");
  }

  private RefusedException unfit(String why) {
    return new RefusedException(
        Reason.CONFIGURATION_INVALID,
        source + " is no backup of Guardbee: " + why,
        "name a file that guardbee backup has written; nothing was restored");
  }
}
