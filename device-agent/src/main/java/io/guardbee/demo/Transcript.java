package io.guardbee.demo;

import io.guardbee.cli.Cli;
import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;

/** Tells each step of the road in one line, with a mark and its time. */
final class Transcript {

  /** A step's work; what it returns is told. */
  interface Step {
    String take() throws Exception;
  }

  /** A step did not go as told, and the line that says so is printed. */
  static final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Failed(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private final PrintWriter out;

  Transcript(PrintWriter out) {
    this.out = out;
  }

  void say(String line) {
    out.println(line);
    out.flush();
  }

  /**
   * Takes a step.
   *
   * @throws Failed when it throws
   */
  void step(String name, Step step) {
    long start = System.nanoTime();
    try {
      String told = step.take();
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      say(String.format("✓ %-10s %5d ms  %s", name, millis, told));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failed(name, e);
    } catch (Exception e) {
      say(String.format("✗ %-10s           %s", name, Cli.explain(e)));
      throw new Failed(name, e);
    }
  }
}
