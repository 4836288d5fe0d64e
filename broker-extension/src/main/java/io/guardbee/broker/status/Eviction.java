package io.guardbee.broker.status;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What was begun to end live connections and sessions, and can be begun again.
 *
 * @param again begins it again
 * @param first completes when what was begun first is done, with the number of connections ended
 */
record Eviction(Supplier<CompletableFuture<Integer>> again, CompletableFuture<Integer> first) {

  private static final Eviction NOTHING = begin(() -> CompletableFuture.completedFuture(0));

  /** There is nothing to end. */
  static Eviction nothing() {
    return NOTHING;
  }

  /** Begins at once. */
  static Eviction begin(Supplier<CompletableFuture<Integer>> work) {
    Supplier<CompletableFuture<Integer>> safe =
        () -> {
          try {
            return work.get();
          } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
          }
        };
    return new Eviction(safe, safe.get());
  }
}
