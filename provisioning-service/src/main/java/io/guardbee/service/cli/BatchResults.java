package io.guardbee.service.cli;

import io.guardbee.files.SafeFiles;
import io.guardbee.operator.Api;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The file of results: one certificate a line, appended as they come and forced to disk at the end.
 * A run that was cut off leaves good lines and at most one torn one behind.
 */
final class BatchResults implements AutoCloseable {

  private final FileChannel channel;
  private final Set<String> done;

  private BatchResults(FileChannel channel, Set<String> done) {
    this.channel = channel;
    this.done = done;
  }

  /** Opens the file; what an earlier run wrote is kept but for torn and refused rows. */
  static BatchResults open(Path file) throws IOException {
    Set<String> done = new HashSet<>();
    if (Files.exists(file)) {
      List<String> good =
          Files.readAllLines(file, StandardCharsets.UTF_8).stream()
              .filter(line -> isCertificate(line, done))
              .toList();
      SafeFiles.writePublic(file, good.isEmpty() ? "" : String.join("\n", good) + "\n");
    }
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    return new BatchResults(channel, done);
  }

  private static boolean isCertificate(String line, Set<String> done) {
    try {
      JsonNode result = Api.JSON.readTree(line);
      return result.path("certificate").isString() && done.add(result.path("deviceId").asString());
    } catch (JacksonException e) {
      return false; // torn by a power cut: the row is asked for again
    }
  }

  boolean has(String deviceId) {
    return done.contains(deviceId);
  }

  void append(String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    channel.force(true);
    channel.close();
  }
}
