package io.guardbee.broker.status;

import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;

/**
 * Sessions that are being deleted in the background, for as long as that takes. Thread-safe.
 *
 * @param done completes when they are gone, and never with a failure: what fails is tried again
 * @param remaining how many of them are known to be there still
 */
public record Deletion(CompletableFuture<Void> done, IntSupplier remaining) {

  private static final Deletion NOTHING =
      new Deletion(CompletableFuture.completedFuture(null), () -> 0);

  /** There is nothing to delete. */
  public static Deletion nothing() {
    return NOTHING;
  }

  /** How many are still there: 0 when it is done, and before that at least 1. */
  int left() {
    return done.isDone() ? 0 : Math.max(1, remaining.getAsInt());
  }
}
