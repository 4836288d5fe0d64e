package io.guardbee.agent.device;

import io.guardbee.agent.mqtt.Message;
import io.guardbee.cli.Cli;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where other processes of this machine's user hand messages to the process that keeps the device
 * connected: a second connection with its client id would take the session from it. Holding it also
 * means to be the only such process.
 */
final class Hatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Hatch.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String SOCKET = "run.sock";
  private static final String TAKEN = "taken";

  private final FileChannel lock;
  private final Path socket;
  private final ServerSocketChannel server;

  /** What passes, as one JSON line; the answer is {@code taken} or a refusal's line. */
  private record Passed(String topic, String payload, int qos) {

    static Passed of(Message message) {
      String payload = Base64.getEncoder().encodeToString(message.payload());
      return new Passed(message.topic(), payload, message.qos());
    }

    Message message() {
      return new Message(topic, Base64.getDecoder().decode(payload), qos);
    }
  }

  private Hatch(FileChannel lock, Path socket, ServerSocketChannel server) {
    this.lock = lock;
    this.socket = socket;
    this.server = server;
  }

  /**
   * Opens the hatch of a device.
   *
   * @param publisher publishes what is handed in, or throws {@link RefusedException}
   * @throws RefusedException {@link Reason#PORT_IN_USE} when another process keeps the device
   *     connected
   */
  static Hatch open(Path directory, Consumer<Message> publisher) {
    FileChannel lock = lock(directory);
    Path socket = directory.resolve(SOCKET);
    try {
      Files.deleteIfExists(socket); // of a process that was killed: we hold the lock
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      Hatch hatch = new Hatch(lock, socket, server);
      hatch.listen(publisher);
      return hatch;
    } catch (IOException e) {
      throw new RefusedException(
          Reason.STORAGE_FAILED, socket + " cannot be made: " + e.getMessage(), "check its owner");
    }
  }

  private static FileChannel lock(Path directory) {
    try {
      FileChannel lock =
          FileChannel.open(
              directory.resolve("run.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (lock.tryLock() != null) {
        return lock;
      }
      lock.close();
    } catch (IOException | java.nio.channels.OverlappingFileLockException e) {
      LOG.debug("lock in {}", directory, e);
    }
    throw new RefusedException(
        Reason.PORT_IN_USE,
        "another process keeps the device of " + directory + " connected",
        "stop that guardbee agent run first");
  }

  private void listen(Consumer<Message> publisher) {
    try {
      server.bind(UnixDomainSocketAddress.of(socket));
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      // such as a path beyond the 100 octets that the platform allows: everything else works
      LOG.info("guardbee agent publish cannot use this connection: {}", e.getMessage());
      return;
    }
    Thread thread = new Thread(() -> serve(publisher), "hatch");
    thread.setDaemon(true);
    thread.start();
  }

  private void serve(Consumer<Message> publisher) {
    while (server.isOpen()) {
      try (SocketChannel client = server.accept();
          BufferedReader in = reader(client)) {
        String line = in.readLine();
        send(client, line == null ? "" : answer(line, publisher));
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        LOG.debug("hatch: {}", e.getMessage());
      }
    }
  }

  private static String answer(String line, Consumer<Message> publisher) {
    try {
      publisher.accept(JSON.readValue(line, Passed.class).message());
      return TAKEN;
    } catch (RefusedException | JacksonException | IllegalArgumentException e) {
      return Cli.explain(e);
    }
  }

  /**
   * Hands a message to the process that keeps the device connected.
   *
   * @return false when there is none
   * @throws RefusedException when it refuses the message
   */
  static boolean pass(Path directory, Message message) {
    Path socket = directory.resolve(SOCKET);
    if (!Files.exists(socket)) {
      return false;
    }
    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        BufferedReader in = reader(client)) {
      send(client, JSON.writeValueAsString(Passed.of(message)));
      String answer = in.readLine();
      if (answer == null || answer.equals(TAKEN)) {
        return answer != null;
      }
      throw RefusedException.parse(answer)
          .orElseGet(() -> new RefusedException(Reason.INTERNAL, answer, "see the other's log"));
    } catch (IOException e) {
      return false; // left by a process that was killed
    }
  }

  private static BufferedReader reader(SocketChannel channel) {
    return new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
  }

  private static void send(SocketChannel channel, String line) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (rest.hasRemaining()) {
      channel.write(rest);
    }
  }

  @Override
  public void close() {
    try (lock;
        server) {
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      LOG.debug("hatch: {}", e.getMessage());
    }
  }
}
