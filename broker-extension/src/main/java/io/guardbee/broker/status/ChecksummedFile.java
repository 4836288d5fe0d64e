package io.guardbee.broker.status;

import io.guardbee.files.SafeFiles;
import io.guardbee.pki.Fingerprint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One line on disk, and a second one with its SHA-256, so that an alteration is noticed. For one
 * thread at a time.
 *
 * @param largest octets that it has at most
 */
public record ChecksummedFile(Path file, long largest) {

  /**
   * Reads the line, with its line feed.
   *
   * @throws IOException when it is not what was written
   */
  public String read() throws IOException {
    if (Files.size(file) > largest) {
      throw new IOException("it is larger than any that is written");
    }
    String text = Files.readString(file);
    int end = text.indexOf('\n') + 1;
    if (end == 0 || !text.substring(end).equals(sumOf(text.substring(0, end)) + "\n")) {
      throw new IOException("its checksum does not fit");
    }
    return text.substring(0, end);
  }

  /** Writes a line so that either the old file or the new one is there after a power cut. */
  public void write(String content) throws IOException {
    String line = content + "\n";
    SafeFiles.writePublic(file, line + sumOf(line) + "\n");
  }

  private static String sumOf(String line) {
    return Fingerprint.of(line.getBytes(StandardCharsets.UTF_8)).toString();
  }
}
