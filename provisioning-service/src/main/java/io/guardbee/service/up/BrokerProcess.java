package io.guardbee.service.up;

import io.guardbee.files.SafeFiles;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.config.Config;
import io.guardbee.service.config.Home;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The broker as a process of its own, started by the launcher as in production. */
final class BrokerProcess implements AutoCloseable {

  private static final String READY = "broker is ready";
  private static final long START_SECONDS = 60;
  private static final long STOP_SECONDS = 15;

  /** An exit code above is this and the signal's number. */
  private static final int SIGNALLED = 128;

  private final Process process;
  private final CompletableFuture<String> ready = new CompletableFuture<>();

  private BrokerProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts the broker; returns at once.
   *
   * @param narration where its messages go
   */
  static BrokerProcess start(Home home, Config.Listen listen, String service, PrintWriter narration)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                launcher().toString(),
                "broker",
                "run",
                "--home",
                home.directory().toString(),
                "--mqtts-port",
                String.valueOf(listen.mqtts()),
                "--bind",
                listen.bind(),
                "--service",
                service));
    if (listen.wss() >= 0) {
      command.addAll(List.of("--wss-port", String.valueOf(listen.wss())));
    }
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("GUARDBEE_BUILT", "1");
    // it ends when this process does, however that comes about
    builder.environment().put("GUARDBEE_PARENT", String.valueOf(ProcessHandle.current().pid()));
    builder.redirectErrorStream(true);
    BrokerProcess broker = new BrokerProcess(builder.start());
    SafeFiles.writePublic(pidFile(home), String.valueOf(broker.process.pid()));
    Thread reader = new Thread(() -> broker.forward(narration), "broker-output");
    reader.setDaemon(true);
    reader.start();
    return broker;
  }

  /**
   * A broker whose {@code up} was killed ends by itself, but holds its port and its data until
   * then.
   */
  static void awaitEndOfOrphan(Home home) throws IOException, InterruptedException {
    if (!Files.exists(pidFile(home))) {
      return;
    }
    long pid = Long.parseLong(Files.readString(pidFile(home)).strip());
    Optional<ProcessHandle> orphan =
        ProcessHandle.of(pid)
            .filter(process -> process.info().command().orElse("").endsWith("java"));
    if (orphan.isPresent()) {
      try {
        orphan.get().onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
      } catch (ExecutionException | TimeoutException e) {
        throw new RefusedException(
            Reason.PORT_IN_USE,
            "the broker of an earlier guardbee up still runs as process " + pid,
            "stop that guardbee up, or end the process");
      }
    }
  }

  private static Path pidFile(Home home) {
    return home.run().resolve("broker.pid");
  }

  private static Path launcher() {
    String root = System.getenv("GUARDBEE_ROOT");
    if (root == null) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "GUARDBEE_ROOT is not set",
          "start through the launcher: ./guardbee up");
    }
    return Path.of(root, "guardbee");
  }

  private void forward(PrintWriter narration) {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String last = "it said nothing";
      String line;
      while ((line = lines.readLine()) != null) {
        narration.println(line);
        narration.flush();
        last = line;
        if (line.startsWith(READY)) {
          ready.complete(line);
        }
      }
      ready.completeExceptionally(stopped(last));
    } catch (IOException e) {
      ready.completeExceptionally(stopped(String.valueOf(e.getMessage())));
    }
  }

  private static RefusedException stopped(String last) {
    return new RefusedException(
        Reason.SERVICE_UNREACHABLE,
        "the broker stopped: " + last,
        "see broker/log/hivemq.log in the home");
  }

  /**
   * Waits until the broker lets devices in.
   *
   * @throws RefusedException when it stops instead, or takes longer than a minute
   */
  void awaitReady() throws InterruptedException {
    try {
      ready.get(START_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RefusedException refused
          ? refused
          : stopped(String.valueOf(e.getCause()));
    } catch (TimeoutException e) {
      throw stopped("not ready after " + START_SECONDS + " s");
    }
  }

  /** Runs the action when the broker has ended, for whatever reason. */
  void onExit(Runnable action) {
    CompletableFuture<Void> unused = process.onExit().thenRun(action);
  }

  /** How it has ended: by which exit code, or by which signal. */
  String exit() {
    int code = process.exitValue();
    return code > SIGNALLED ? "signal " + (code - SIGNALLED) : "exit code " + code;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
