package io.guardbee.bench.broker;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A broker of our own beside Guardbee's, on one port of this machine; gone when closed. */
final class BrokerProcess implements AutoCloseable {

  private static final long START_SECONDS = 60;
  private static final long STOP_SECONDS = 20;

  private final Process process;
  private final Thread onExit;

  private BrokerProcess(Process process) {
    this.process = process;
    this.onExit = new Thread(process::destroy);
    Runtime.getRuntime().addShutdownHook(onExit); // an interrupted benchmark leaves nothing behind
  }

  /** How a broker tells that it is usable. */
  interface Readiness {
    boolean isReady() throws IOException;
  }

  /** Starts it and waits until it is ready; what it says goes into a file of that folder. */
  static BrokerProcess start(List<String> command, Path folder, Readiness readiness)
      throws IOException, InterruptedException {
    Path log = folder.resolve("out.log");
    BrokerProcess broker =
        new BrokerProcess(
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start());
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!readiness.isReady()) {
      boolean ended = broker.process.waitFor(200, TimeUnit.MILLISECONDS);
      if (ended || System.nanoTime() > deadline) {
        broker.close();
        throw new RefusedException(
            Reason.SERVICE_UNREACHABLE,
            command.get(0) + ", to compare with, did not start: " + Files.readString(log).strip(),
            "see " + folder);
      }
    }
    return broker;
  }

  static boolean listens(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  Contender contender(String name, int port) {
    return new Contender(name, URI.create("ssl://localhost:" + port), process.toHandle());
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      // the JVM is ending: the hook is running or has run
    }
  }
}
