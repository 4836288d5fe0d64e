package io.guardbee.broker.status;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * Ends what blocked certificates still have in the broker: connections, sessions, queues. Each of
 * its methods may be called again for the same when it failed.
 */
public interface Evictor {

  /**
   * What was begun.
   *
   * @param closed completes when the connections are closed, with their number
   * @param sessions what is deleted after that
   */
  record Begun(CompletableFuture<Integer> closed, Deletion sessions) {

    /** No session is to be deleted. */
    public Begun(CompletableFuture<Integer> closed) {
      this(closed, Deletion.nothing());
    }
  }

  /** Called after the index knows of the blocks. */
  Begun evict(Collection<BlockedCertificate> blocked);

  /**
   * Called after a whole status has replaced what the index knew: every live connection is to be
   * held against it.
   *
   * @param unwelcome whether a device, by its id, has lost its sessions by that, too; any thread
   *     may ask
   */
  Begun reconsider(StatusIndex index, Predicate<String> unwelcome);

  /** Deletes the sessions of these devices that nobody uses: what an earlier run left undone. */
  Deletion delete(Set<String> devices);
}
