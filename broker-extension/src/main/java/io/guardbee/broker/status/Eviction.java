package io.guardbee.broker.status;

import io.guardbee.broker.status.Evictor.Begun;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What was begun to end live connections and sessions, and can be begun again.
 *
 * @param remains whose data is deleted
 * @param again begins it again
 * @param first what was begun first
 * @param since when that was, by {@link System#nanoTime}
 */
record Eviction(Remains remains, Supplier<Begun> again, Begun first, long since) {

  private static final Eviction NOTHING =
      begin(Remains.NONE, () -> new Begun(CompletableFuture.completedFuture(0)));

  /** There is nothing to end. */
  static Eviction nothing() {
    return NOTHING;
  }

  /** Begins at once. */
  static Eviction begin(Remains remains, Supplier<Begun> work) {
    Supplier<Begun> safe =
        () -> {
          try {
            return work.get();
          } catch (RuntimeException e) {
            return new Begun(CompletableFuture.failedFuture(e));
          }
        };
    return new Eviction(remains, safe, safe.get(), System.nanoTime());
  }
}
