package io.guardbee.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A small file system of its own, which a test can fill. Only root can mount one. */
public final class SmallDisk implements AutoCloseable {

  private static final int MIB = 1 << 20;

  private final Path directory;

  private SmallDisk(Path directory) {
    this.directory = directory;
  }

  /**
   * Mounts one; skips the test where that is not allowed.
   *
   * @param directory of that size
   */
  public static SmallDisk mount(Path directory, int mebibytes) throws IOException {
    Files.createDirectories(directory);
    Assumptions.assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "guardbee", directory + ""),
        "only root can mount a small disk");
    return new SmallDisk(directory);
  }

  private static boolean run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  public Path directory() {
    return directory;
  }

  /** Leaves that many mebibytes, 0 for not an octet. */
  public void fill(int mebibytesLeft) throws IOException {
    long left = (long) mebibytesLeft * MIB;
    try (OutputStream file = Files.newOutputStream(filler())) {
      while (free() > left) {
        file.write(new byte[(int) Math.min(MIB, Math.max(1, free() - left))]);
      }
    } catch (IOException e) {
      if (free() > left) {
        throw e;
      }
    }
  }

  private long free() throws IOException {
    return Files.getFileStore(directory).getUsableSpace();
  }

  private Path filler() {
    return directory.resolve("filler");
  }

  /** The room is back. */
  public void clear() throws IOException {
    Files.deleteIfExists(filler());
  }

  @Override
  public void close() {
    try {
      if (!run("umount", directory.toString())) {
        run("umount", "-l", directory.toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
