package io.guardbee.broker.door;

import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Long work in short pieces, so that others get their turn at the executor between them. */
final class Batches {

  private static final Logger LOG = LoggerFactory.getLogger(Batches.class);
  private static final int SIZE = 256;

  private Batches() {}

  /**
   * Does the work for each; the failure of one is logged and keeps no other from its turn.
   *
   * @return completes after the last
   */
  static <T> CompletableFuture<Void> each(Iterable<T> all, Executor executor, Consumer<T> work) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    executor.execute(() -> next(all.iterator(), executor, work, done));
    return done;
  }

  private static <T> void next(
      Iterator<T> left, Executor executor, Consumer<T> work, CompletableFuture<Void> done) {
    for (int i = 0; i < SIZE && left.hasNext(); i++) {
      T one = left.next();
      try {
        work.accept(one);
      } catch (RuntimeException e) {
        LOG.error("not done for {}", one, e);
      }
    }
    if (left.hasNext()) {
      executor.execute(() -> next(left, executor, work, done));
    } else {
      done.complete(null);
    }
  }
}
