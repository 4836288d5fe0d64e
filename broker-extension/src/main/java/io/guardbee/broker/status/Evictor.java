package io.guardbee.broker.status;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;

/** Ends what blocked certificates still have in the broker: connections, sessions, queues. */
@FunctionalInterface
public interface Evictor {

  /**
   * Called after the index knows of the blocks.
   *
   * @return completes when it is done, with the number of live connections that were ended
   */
  CompletableFuture<Integer> evict(Collection<BlockedCertificate> blocked);
}
