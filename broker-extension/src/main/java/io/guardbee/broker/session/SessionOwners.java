package io.guardbee.broker.session;

import io.guardbee.pki.Quoted;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose a session is: the identity that first used its client id owns it, whichever certificate it
 * comes with; another identity, which a change of the policy's client-id rule may lead there, never
 * gets it. Thread-safe; asking never waits.
 *
 * <p>A client id that is a device's name, or begins with one and a slash, tells its owner by
 * itself: only others are written down. A lost line makes its session one of an unknown owner,
 * which is dropped and not handed out.
 */
public final class SessionOwners {

  private static final Logger LOG = LoggerFactory.getLogger(SessionOwners.class);
  private static final String FILE = "session-owners.tsv";

  private final Map<String, String> named = new ConcurrentHashMap<>();
  private final Set<String> havingOthers = ConcurrentHashMap.newKeySet();
  private volatile boolean allLearnt;
  private final Path file;
  private final Executor executor;
  private final Object writing = new Object(); // held by the executor's threads only

  private SessionOwners(Path file, Executor executor) {
    this.file = file;
    this.executor = executor;
  }

  /**
   * Reads what is known.
   *
   * @param folder where it is kept, made when missing
   * @param executor for writing
   */
  public static SessionOwners in(Path folder, Executor executor) {
    SessionOwners owners = new SessionOwners(folder.resolve(FILE), executor);
    try {
      Files.createDirectories(folder);
      owners.read();
      owners.compact();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep " + owners.file, e);
    }
    return owners;
  }

  private void read() throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    // by octets: a torn last line must not make the rest unreadable
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n", -1)) {
      String[] parts = line.split("\t", -1);
      if (parts.length == 2 && !parts[0].isEmpty()) {
        named.put(parts[0], parts[1]);
      }
    }
    named.values().removeIf(String::isEmpty); // let go of
  }

  private void compact() throws IOException {
    StringBuilder text = new StringBuilder();
    named.forEach((clientId, owner) -> text.append(line(clientId, owner)));
    Path next = file.resolveSibling(FILE + ".next");
    Files.writeString(next, text);
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String line(String clientId, String owner) {
    return clientId + "\t" + owner + "\n";
  }

  /**
   * Whether a session of that client id, if there is one, is that identity's.
   *
   * @param owner the identity, in a form that renewal does not change
   * @param name the device's name
   */
  public boolean isOwn(String clientId, String owner, String name) {
    String written = named.get(clientId);
    return written == null ? tellsItself(clientId, name) : written.equals(owner);
  }

  /** The name of the device whose session of that client id is. */
  public String nameOf(String clientId) {
    String written = named.get(clientId);
    if (written != null) {
      return written.substring(written.indexOf(' ') + 1);
    }
    int slash = clientId.indexOf('/'); // no device id holds one
    return slash < 0 ? clientId : clientId.substring(0, slash);
  }

  private static boolean tellsItself(String clientId, String name) {
    return clientId.equals(name) || clientId.startsWith(name + "/");
  }

  /**
   * Whether a device may have sessions of other client ids than its name, so that all sessions must
   * be looked through to find its own.
   */
  public boolean mayHaveOthers(String name) {
    return !allLearnt || havingOthers.contains(name);
  }

  /**
   * Learns which sessions there are besides those that are named as their devices; lines of others
   * than these are forgotten.
   *
   * @param before the client ids that were written down before the sessions were looked through
   * @param present those of all sessions that are not their devices' plain names
   */
  public void learn(Set<String> before, Set<String> present) {
    present.forEach(clientId -> havingOthers.add(nameOf(clientId)));
    allLearnt = true;
    for (String clientId : before) {
      if (!present.contains(clientId) && named.remove(clientId) != null) {
        executor.execute(() -> append(clientId, null));
      }
    }
  }

  /** The client ids that are written down. */
  public Set<String> written() {
    return Set.copyOf(named.keySet());
  }

  /** From now on the session of that client id is that identity's. */
  public void take(String clientId, String owner, String name) {
    if (!clientId.equals(name)) {
      havingOthers.add(name);
    }
    String next = tellsItself(clientId, name) ? null : owner;
    String before = next == null ? named.remove(clientId) : named.put(clientId, next);
    if (!Objects.equals(before, next)) {
      executor.execute(() -> append(clientId, next));
    }
  }

  private void append(String clientId, @Nullable String owner) {
    if (clientId.indexOf('\t') >= 0 || clientId.indexOf('\n') >= 0) {
      return; // such a session is of an unknown owner after a restart
    }
    byte[] line = line(clientId, owner == null ? "" : owner).getBytes(StandardCharsets.UTF_8);
    synchronized (writing) {
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        ByteBuffer bytes = ByteBuffer.wrap(line);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(false);
      } catch (IOException e) {
        LOG.error("owner of session {} not kept: {}", Quoted.of(clientId), e.toString());
      }
    }
  }
}
