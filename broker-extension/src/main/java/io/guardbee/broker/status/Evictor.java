package io.guardbee.broker.status;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;

/**
 * Ends what blocked certificates still have in the broker: connections, sessions, queues, and
 * retained messages of revoked ones. Each of its methods may be called again for the same when it
 * failed.
 */
public interface Evictor {

  /**
   * What was begun.
   *
   * @param closed completes when the connections are closed, with their number
   * @param deletion what is deleted after that
   */
  record Begun(CompletableFuture<Integer> closed, Deletion deletion) {

    /** Nothing is to be deleted. */
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
   * @param newly the devices that have lost what they have in the broker by that, too
   */
  Begun reconsider(StatusIndex index, NewlyBlocked newly);

  /** Deletes what an earlier run left undone: sessions that nobody uses, retained messages. */
  Deletion delete(Remains remains);
}
