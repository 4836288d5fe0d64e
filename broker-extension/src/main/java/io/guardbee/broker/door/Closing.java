package io.guardbee.broker.door;

import io.guardbee.broker.session.Sessions;
import io.guardbee.pki.RefusedException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Closes connections. Between our yes and the broker's own registration a connection cannot be
 * found by its client id: the broker is asked until the connection's end was told to us.
 */
record Closing(Sessions sessions, ScheduledExecutorService executor) {

  private static final long FIRST_RETRY_MILLIS = 2;
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
        .exceptionally(failure -> false); // such as a rate limit: tried again
  }

  private CompletableFuture<Void> tryTo(
      LiveConnection connection, Supplier<CompletableFuture<Boolean>> disconnect, int tries) {
    CompletableFuture<Boolean> closed = disconnect.get();
    CompletableFuture<Void> retry = new CompletableFuture<>();
    ScheduledFuture<?> unused =
        executor.schedule(
            () -> again(connection, disconnect, tries + 1, retry),
            FIRST_RETRY_MILLIS << Math.min(tries, MOST_DOUBLINGS),
            TimeUnit.MILLISECONDS);
    CompletableFuture<Void> first =
        closed.thenCompose(was -> Boolean.TRUE.equals(was) ? connection.gone() : retry);
    return CompletableFuture.anyOf(first, retry).thenApply(done -> null);
  }

  private void again(
      LiveConnection connection,
      Supplier<CompletableFuture<Boolean>> disconnect,
      int tries,
      CompletableFuture<Void> outcome) {
    if (connection.gone().isDone()) {
      outcome.complete(null);
    } else if (tries > MOST_TRIES) {
      connection.giveUpEnding();
      outcome.completeExceptionally(
          new IllegalStateException("the broker does not close " + connection.clientId()));
    } else {
      CompletableFuture<Void> unused =
          tryTo(connection, disconnect, tries)
              .whenComplete(
                  (done, failure) -> {
                    if (failure == null) {
                      outcome.complete(null);
                    } else {
                      outcome.completeExceptionally(failure);
                    }
                  });
    }
  }
}
