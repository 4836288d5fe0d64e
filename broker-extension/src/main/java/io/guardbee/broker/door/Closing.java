package io.guardbee.broker.door;

import io.guardbee.broker.session.Sessions;
import io.guardbee.pki.RefusedException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Closes connections. Between our yes and the broker's own registration a connection cannot be
 * found by its client id: the broker is asked until the connection's end was told to us.
 */
record Closing(Sessions sessions, ScheduledExecutorService executor) {

  private static final long FIRST_RETRY_MILLIS = 2;
  private static final long FIRST_RETRY_WHEN_FOUND_MILLIS = 20;
  private static final long LONGEST_REST_MILLIS = 256;
  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(2);
  private static final int MOST_DOUBLINGS = 7;
  private static final int MOST_TRIES = 60;

  /**
   * Closes a connection.
   *
   * @return completes when it is closed
   */
  CompletableFuture<Void> close(LiveConnection connection, RefusedException why, boolean withWill) {
    return tryTo(connection, () -> disconnect(connection, why, withWill), 0);
  }

  private CompletableFuture<Boolean> disconnect(
      LiveConnection connection, RefusedException why, boolean withWill) {
    return sessions
        .disconnect(connection.clientId(), why, withWill)
        .exceptionally(failure -> false) // such as a rate limit: tried again
        .completeOnTimeout(false, LONGEST_ANSWER.toMillis(), TimeUnit.MILLISECONDS);
  }

  private CompletableFuture<Void> tryTo(
      LiveConnection connection, Supplier<CompletableFuture<Boolean>> disconnect, int tries) {
    CompletableFuture<Void> retry =
        disconnect
            .get()
            .thenCompose(
                found ->
                    connection.gone().isDone()
                        ? connection.gone()
                        : again(connection, disconnect, tries + 1, found));
    return CompletableFuture.anyOf(connection.gone(), retry).thenApply(done -> null);
  }

  /**
   * Tries again after a rest: asking on while the broker is at it would only keep it from it.
   *
   * @param found whether there was such a client, which is perhaps not yet gone, or another that
   *     had its client id before
   */
  private CompletableFuture<Void> again(
      LiveConnection connection,
      Supplier<CompletableFuture<Boolean>> disconnect,
      int tries,
      boolean found) {
    if (tries > MOST_TRIES) {
      connection.giveUpEnding();
      return CompletableFuture.failedFuture(
          new IllegalStateException("the broker does not close " + connection.clientId()));
    }
    long first = found ? FIRST_RETRY_WHEN_FOUND_MILLIS : FIRST_RETRY_MILLIS;
    long rest = Math.min(first << Math.min(tries - 1, MOST_DOUBLINGS), LONGEST_REST_MILLIS);
    Executor later = CompletableFuture.delayedExecutor(rest, TimeUnit.MILLISECONDS, executor);
    return CompletableFuture.runAsync(() -> {}, later)
        .thenCompose(rested -> tryTo(connection, disconnect, tries));
  }
}
