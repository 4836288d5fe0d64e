package io.guardbee.broker.run;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code guardbee up} that started this broker, which nobody else would stop if it is killed.
 */
final class Parent {

  /** Names the parent's process id in the environment. */
  private static final String VARIABLE = "GUARDBEE_PARENT";

  private static final Logger LOG = LoggerFactory.getLogger(Parent.class);

  private Parent() {}

  /** From now on this process ends cleanly when its parent is gone; without one it does nothing. */
  static void endWithIt() {
    String pid = System.getenv(VARIABLE);
    if (pid == null) {
      return;
    }
    if (!pid.matches("[0-9]{1,9}")) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          VARIABLE + " " + Quoted.of(pid) + " is no process id",
          "leave it out: only guardbee up sets it");
    }
    ProcessHandle.of(Long.parseLong(pid))
        .ifPresentOrElse(
            parent -> {
              CompletableFuture<Void> unused = parent.onExit().thenRun(Parent::end);
            },
            Parent::end);
  }

  private static void end() {
    LOG.warn("guardbee up is gone: the broker stops");
    System.exit(1);
  }
}
