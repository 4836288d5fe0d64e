package io.guardbee.cli;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;

/**
 * Runs a picocli command as Guardbee's commands behave: data on stdout, one line per error on
 * stderr, exit code 0 done, 1 refused or failed, 2 misuse. Never a stack trace unless the
 * environment asks for it with {@code GUARDBEE_DEBUG}.
 */
public final class Cli {

  private static final int FAILED = 1;

  private Cli() {}

  /**
   * Runs the command that the arguments name.
   *
   * @param command an object annotated as picocli command
   * @return the exit code
   */
  public static int run(Object command, String... args) {
    CommandLine line = new CommandLine(command);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(true);
    line.setExecutionExceptionHandler(
        (failure, where, parsed) -> {
          where.getErr().println("error: " + explain(failure));
          if (System.getenv("GUARDBEE_DEBUG") != null) {
            failure.printStackTrace(where.getErr());
          }
          return FAILED;
        });
    return line.execute(args);
  }

  /** One line that tells the reason, the value and the next step. */
  public static String explain(Throwable failure) {
    if (failure instanceof RefusedException refused) {
      return refused.line();
    }
    if (failure instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
      return explain(unchecked.getCause());
    }
    if (failure instanceof NoSuchFileException missing) {
      return Reason.STORAGE_FAILED + ": no such file: " + missing.getFile() + "; check the path";
    }
    if (failure instanceof AccessDeniedException denied) {
      return Reason.STORAGE_FAILED
          + ": no permission for "
          + denied.getFile()
          + "; run as the owner of the home directory";
    }
    if (failure instanceof FileSystemException || failure instanceof IOException) {
      return Reason.STORAGE_FAILED + ": " + Quoted.failure(failure);
    }
    return Reason.INTERNAL
        + ": "
        + Quoted.line(failure.toString())
        + "; this is a defect of Guardbee: set GUARDBEE_DEBUG=1 and report what it prints";
  }
}
