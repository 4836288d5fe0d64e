package io.guardbee.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeFilesTest {

  private final Path directory;

  SafeFilesTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void modesAreThoseAskedForAndReplaceOthers() throws Exception {
    Path file = directory.resolve("made/on/the/way/file");

    SafeFiles.writePublic(file, "public");
    assertThat(mode(file)).isEqualTo("rw-r--r--");
    SafeFiles.writeSecret(file, "secret");
    assertThat(mode(file)).isEqualTo("rw-------");
    assertThat(file).hasContent("secret");
    assertThat(names(file.resolveSibling("."))).containsExactly("file");
  }

  @Test
  void directoryIsItsOwnersAloneEvenWhereItWasNot() throws Exception {
    Path fresh = directory.resolve("a/b");
    Path open = Files.createDirectory(directory.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), open);

    SafeFiles.directory(fresh);
    SafeFiles.directory(link);

    assertThat(mode(fresh)).isEqualTo("rwx------");
    assertThat(mode(open)).isEqualTo("rwx------");
  }

  @Test
  void failureNamesTheFileAndLeavesNothingBehind() throws Exception {
    Path file = Files.createDirectories(directory.resolve("file/in")).resolveSibling(".");
    Path target = directory.resolve("file");

    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> SafeFiles.writeSecret(target, "x"))
        .withMessageContaining(target.toString());
    assertThat(file).isDirectory();
    assertThat(names(directory)).containsExactly("file");
  }

  @Test
  void deletesAndEmpties() throws Exception {
    SafeFiles.writePublic(directory.resolve("a/b/c"), "x");
    SafeFiles.syncAll(directory);

    SafeFiles.delete(directory.resolve("a/b/c"));
    SafeFiles.delete(directory.resolve("a/b/c"));
    assertThat(names(directory.resolve("a/b"))).isEmpty();
    SafeFiles.deleteContents(directory);
    assertThat(names(directory)).isEmpty();
  }

  private static Stream<String> names(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.map(path -> path.getFileName().toString()).toList().stream();
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
