package io.guardbee.broker.status;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * Ends what blocked certificates still have in the broker: connections, sessions, queues. Each of
 * its methods may be called again for the same when it failed.
 */
public interface Evictor {

  /**
   * Called after the index knows of the blocks.
   *
   * @return completes when it is done, with the number of live connections that were ended
   */
  CompletableFuture<Integer> evict(Collection<BlockedCertificate> blocked);

  /**
   * Called after a whole status has replaced what the index knew: every live connection is to be
   * held against it.
   *
   * @param unwelcome whether a device, by its id, has lost its sessions by that, too; any thread
   *     may ask
   * @return completes when it is done, with the number of live connections that were ended
   */
  CompletableFuture<Integer> reconsider(StatusIndex index, Predicate<String> unwelcome);
}
