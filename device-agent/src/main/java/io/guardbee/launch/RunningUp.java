package io.guardbee.launch;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A {@code guardbee up} of our own, with everything it started; gone when closed. */
public final class RunningUp implements AutoCloseable {

  private static final String READY = "guardbee is ready";
  private static final long START_SECONDS = 120;
  private static final long STOP_SECONDS = 30;

  private final Guardbee guardbee;
  private final Process process;
  private final Thread onExit = new Thread(this::stop);

  private RunningUp(Guardbee guardbee, Process process) {
    this.guardbee = guardbee;
    this.process = process;
    Runtime.getRuntime().addShutdownHook(onExit); // an interrupted program leaves nothing behind
  }

  static RunningUp start(Guardbee guardbee, String... options) {
    Path log = guardbee.home().resolve("up.log");
    List<String> command = new ArrayList<>(List.of("up"));
    command.addAll(List.of(options));
    try {
      Process process =
          guardbee.start(
              ProcessBuilder.Redirect.PIPE,
              ProcessBuilder.Redirect.appendTo(log.toFile()),
              command.toArray(String[]::new));
      RunningUp up = new RunningUp(guardbee, process);
      up.awaitReady(log);
      return up;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitReady(Path log) {
    CompletableFuture<Boolean> ready = CompletableFuture.supplyAsync(this::saysReady);
    try {
      if (ready.get(START_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (ExecutionException | TimeoutException e) {
      // told below
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String last = lastLine(log);
    close();
    throw new RefusedException(
        Reason.SERVICE_UNREACHABLE, "guardbee up did not become ready: " + last, "run it by hand");
  }

  private boolean saysReady() {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    return lines.lines().anyMatch(READY::equals);
  }

  private static String lastLine(Path log) {
    try {
      List<String> lines = Files.readAllLines(log);
      return lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1);
    } catch (IOException e) {
      return "it said nothing";
    }
  }

  public Guardbee guardbee() {
    return guardbee;
  }

  public Endpoints endpoints() {
    return Endpoints.read(guardbee.home()).orElseThrow();
  }

  public Process process() {
    return process;
  }

  @Override
  public void close() {
    stop();
    try {
      Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (IllegalStateException e) {
      // the JVM is ending: the hook is running or has run
    }
  }

  private void stop() {
    List<ProcessHandle> family =
        Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
    process.destroy();
    family.forEach(RunningUp::awaitEnd);
    remove(guardbee.home());
  }

  private static void awaitEnd(ProcessHandle process) {
    try {
      process.onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static void remove(Path home) {
    if (!Files.exists(home)) {
      return;
    }
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
