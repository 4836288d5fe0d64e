package io.guardbee.launch;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The launcher of a checkout, used with one home. Each command is a process, as if typed.
 *
 * @param launcher the script {@code guardbee}
 */
public record Guardbee(Path launcher, Path home) {

  /** What a command left behind. */
  public record Result(int exitCode, String out, String err) {

    /** The last line of what it complained about. */
    public String complaint() {
      String[] lines = err.strip().split("\n", -1);
      return lines[lines.length - 1];
    }
  }

  /**
   * The checkout that this program was started from.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when it was not started by the
   *     launcher
   */
  public static Guardbee of(Path home) {
    String root = System.getenv("GUARDBEE_ROOT");
    if (root == null) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "GUARDBEE_ROOT is not set",
          "start this command by the launcher: ./guardbee");
    }
    return new Guardbee(Path.of(root, "guardbee"), home);
  }

  /** Runs a command to its end. */
  public Result run(String... command) {
    return runWithInput("", command);
  }

  /**
   * Runs a command to its end.
   *
   * @param input its stdin: the way for secrets
   */
  public Result runWithInput(String input, String... command) {
    try {
      Process process = start(ProcessBuilder.Redirect.PIPE, ProcessBuilder.Redirect.PIPE, command);
      CompletableFuture<String> out = read(process.getInputStream());
      CompletableFuture<String> err = read(process.getErrorStream());
      try (OutputStream stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // it ended without reading: its exit code and words tell more
      }
      return new Result(process.waitFor(), out.join(), err.join());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new InterruptedIOException("stopped"));
    }
  }

  /** Starts a command; {@code --home} is added. */
  Process start(ProcessBuilder.Redirect output, ProcessBuilder.Redirect errors, String... command)
      throws IOException {
    List<String> line = new ArrayList<>(List.of(launcher.toString()));
    line.addAll(List.of(command));
    line.addAll(List.of("--home", home.toString()));
    ProcessBuilder builder = new ProcessBuilder(line).redirectOutput(output).redirectError(errors);
    builder.environment().put("GUARDBEE_BUILT", "1"); // we run, so it is built
    builder.environment().remove("SOFTHSM2_CONF"); // the launcher sets the one of this home
    return builder.start();
  }

  /** Starts a command that speaks for this program. */
  public Process inherit(String... command) throws IOException {
    return start(ProcessBuilder.Redirect.INHERIT, ProcessBuilder.Redirect.INHERIT, command);
  }

  private static CompletableFuture<String> read(InputStream stream) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** Starts {@code up} on free ports and waits until it is usable. */
  public RunningUp up() {
    return up("--https-port", "0", "--http-port", "0", "--mqtts-port", "0");
  }

  /** Starts {@code up} with these options and waits until it is usable. */
  public RunningUp up(String... options) {
    return RunningUp.start(this, options);
  }

  /** A home that is removed again with {@link RunningUp#close}. */
  public Guardbee inTemporaryHome() {
    try {
      return new Guardbee(launcher, Files.createTempDirectory("guardbee-"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
