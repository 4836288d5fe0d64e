package io.guardbee.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Files that are there whole or not at all, whatever moment the power fails, and that nobody reads
 * who should not. When a method returns, its work is on the disk. Every failure is an {@link
 * IOException} that names the file.
 */
public final class SafeFiles {

  private static final Set<PosixFilePermission> OWNER_DIRECTORY =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> SECRET =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> PUBLIC =
      PosixFilePermissions.fromString("rw-r--r--");

  private SafeFiles() {}

  /** Writes a file's content, piece by piece. */
  @FunctionalInterface
  public interface Content {
    void to(OutputStream out) throws IOException;
  }

  /** A directory that only its owner enters (0700); parents that are missing are made like it. */
  public static void directory(Path directory) throws IOException {
    // a link to a directory is one: Java 17's createDirectories would not have it
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory, attribute(OWNER_DIRECTORY));
    }
    if (!Files.getPosixFilePermissions(directory).equals(OWNER_DIRECTORY)) {
      Files.setPosixFilePermissions(directory, OWNER_DIRECTORY);
    }
  }

  /** Replaces a file that everyone may read (0644). */
  public static void writePublic(Path file, String text) throws IOException {
    write(file, text.getBytes(StandardCharsets.UTF_8), PUBLIC);
  }

  /** Replaces a file that everyone may read (0644). */
  public static void writePublic(Path file, byte[] content) throws IOException {
    write(file, content, PUBLIC);
  }

  /** Replaces a file that only its owner may read (0600), from its first octet on. */
  public static void writeSecret(Path file, String text) throws IOException {
    write(file, text.getBytes(StandardCharsets.UTF_8), SECRET);
  }

  /** Replaces a file that only its owner may read (0600), from its first octet on. */
  public static void writeSecret(Path file, byte[] content) throws IOException {
    write(file, content, SECRET);
  }

  /** As the others, for content that is too long to be held at once. */
  public static void writeSecret(Path file, Content content) throws IOException {
    write(file, content, SECRET);
  }

  private static void write(Path file, byte[] content, Set<PosixFilePermission> permissions)
      throws IOException {
    write(file, out -> out.write(content), permissions);
  }

  private static void write(Path file, Content content, Set<PosixFilePermission> permissions)
      throws IOException {
    Path directory = directoryOf(file);
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory);
    }
    // a name of its own for each writer: two at the same time must not mix
    Path draft =
        Files.createTempFile(directory, file.getFileName() + ".", ".new", attribute(SECRET));
    try {
      fill(draft, content, permissions);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) { // a full disk is told without the file
      FileSystemException named = new FileSystemException(file.toString(), null, e.getMessage());
      named.initCause(e);
      throw named;
    } finally {
      Files.deleteIfExists(draft);
    }
    sync(directory);
  }

  private static void fill(Path draft, Content content, Set<PosixFilePermission> permissions)
      throws IOException {
    try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
      content.to(Channels.newOutputStream(channel));
      if (!permissions.equals(SECRET)) {
        Files.setPosixFilePermissions(draft, permissions);
      }
      channel.force(true);
    }
  }

  /** Deletes a file where there is one. */
  public static void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
    sync(directoryOf(file));
  }

  /** Deletes all that a directory holds. */
  public static void deleteContents(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      List<Path> deepestFirst =
          all.filter(path -> !path.equals(directory)).sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.delete(path);
      }
    }
    sync(directory);
  }

  /** Brings a directory and all that it holds, written by others, to the disk. */
  public static void syncAll(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.toList()) {
        sync(path);
      }
    }
  }

  /** A name in a directory is only safe once the directory is on the disk. */
  private static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static Path directoryOf(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file : parent;
  }

  private static FileAttribute<Set<PosixFilePermission>> attribute(
      Set<PosixFilePermission> permissions) {
    return PosixFilePermissions.asFileAttribute(permissions);
  }
}
