package io.guardbee.broker.status;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events whose deletions are not done yet, on disk, so that a restart goes on with them. A line
 * is {@code +}, event, device whose sessions are deleted; {@code r}, event, device, issuer, subject
 * of one whose retained messages are cleared; or {@code -} and an event that is done; separated by
 * tabs. A line torn by a power cut belongs to an event that was not acknowledged. For one thread at
 * a time.
 */
final class PendingDeletions {

  private static final Logger LOG = LoggerFactory.getLogger(PendingDeletions.class);
  private static final String FILE = "session-deletions.tsv";

  private final Path file;
  private final Map<Long, Remains> byEvent = new TreeMap<>();

  private PendingDeletions(Path file) {
    this.file = file;
  }

  /** Reads what was left undone; what cannot be read is logged, and all is looked through again. */
  static PendingDeletions in(Path folder) {
    PendingDeletions pending = new PendingDeletions(folder.resolve(FILE));
    try {
      Files.createDirectories(folder);
      pending.read();
      pending.rewrite();
    } catch (IOException | NumberFormatException e) {
      LOG.error("{} is damaged: all sessions are compared again: {}", pending.file, e.toString());
      pending.byEvent.put(0L, Remains.ALL);
    }
    return pending;
  }

  private void read() throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n", -1)) {
      String[] parts = line.split("\t", -1);
      if (parts.length == 3 && parts[0].equals("+")) {
        merge(parts[1], new Remains(Set.of(parts[2]), Set.of()));
      } else if (parts.length == 5 && parts[0].equals("r")) {
        RevokedDevice revoked = new RevokedDevice(parts[2], parts[3], parts[4]);
        merge(parts[1], new Remains(Set.of(), Set.of(revoked)));
      } else if (parts.length == 2 && parts[0].equals("-")) {
        byEvent.remove(Long.valueOf(parts[1]));
      }
    }
  }

  private void merge(String event, Remains more) {
    byEvent.merge(Long.valueOf(event), more, Remains::and);
  }

  private void rewrite() throws IOException {
    StringBuilder text = new StringBuilder();
    byEvent.forEach((event, remains) -> text.append(lines(event, remains)));
    Path next = file.resolveSibling(FILE + ".next");
    Files.writeString(next, text);
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String lines(long event, Remains remains) {
    StringBuilder lines = new StringBuilder();
    remains.devices().forEach(device -> append(lines, "+", String.valueOf(event), device));
    remains
        .revoked()
        .forEach(
            one ->
                append(
                    lines,
                    "r",
                    String.valueOf(event),
                    one.deviceId(),
                    one.issuer(),
                    one.subject()));
    return lines.toString();
  }

  private static void append(StringBuilder lines, String... parts) {
    lines.append(String.join("\t", parts)).append('\n');
  }

  /** By event, whose data is still to be deleted. */
  Map<Long, Remains> byEvent() {
    return Map.copyOf(byEvent);
  }

  /** Whether a whole status was to be compared with the sessions, and that is not done. */
  boolean isAllPending() {
    return byEvent.containsValue(Remains.ALL);
  }

  /** On the disk when this returns. */
  void add(Map<Long, Remains> more) throws IOException {
    if (more.isEmpty()) {
      return;
    }
    StringBuilder text = new StringBuilder();
    more.forEach((event, remains) -> text.append(lines(event, remains)));
    append(text.toString(), true);
    byEvent.putAll(more);
  }

  /** Notes that these are done; a power cut may undo that, and they are looked for once more. */
  void done(Set<Long> events) throws IOException {
    StringBuilder text = new StringBuilder();
    for (long event : events) {
      if (byEvent.remove(event) != null) {
        text.append("-\t").append(event).append('\n');
      }
    }
    if (byEvent.isEmpty() && !text.isEmpty()) {
      rewrite(); // it would grow for ever
    } else if (!text.isEmpty()) {
      append(text.toString(), false);
    }
  }

  private void append(String text, boolean durably) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      ByteBuffer octets = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (octets.hasRemaining()) {
        channel.write(octets);
      }
      if (durably) {
        channel.force(false);
      }
    }
  }
}
