package io.guardbee.broker.run.listener;

import io.guardbee.broker.run.listener.AcceptedConnection.State;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Unfinished handshakes in the order in which they reached their state, and their number.
 * Thread-safe and without a lock. Those that left a state leave its queue when they come to its
 * head, at the latest after the time limit of a handshake.
 */
final class Handshakes {

  private final Queue<AcceptedConnection> waiting = new ConcurrentLinkedQueue<>();
  private final Queue<AcceptedConnection> negotiating = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();

  void begin(AcceptedConnection connection) {
    count.incrementAndGet();
    waiting.add(connection);
  }

  /** Its ClientHello has come. */
  void negotiate(AcceptedConnection connection) {
    negotiating.add(connection);
    prune();
  }

  void end() {
    count.decrementAndGet();
    prune();
  }

  private void prune() {
    AcceptedConnection unused = oldest(waiting, State.WAITING);
    unused = oldest(negotiating, State.NEGOTIATING);
  }

  int count() {
    return count.get();
  }

  /** The one that has waited longest with no ClientHello; null for none. */
  @Nullable AcceptedConnection oldestWaiting() {
    return oldest(waiting, State.WAITING);
  }

  /** The one that has been negotiating longest; null for none. */
  @Nullable AcceptedConnection oldestNegotiating() {
    return oldest(negotiating, State.NEGOTIATING);
  }

  private static @Nullable AcceptedConnection oldest(Queue<AcceptedConnection> queue, State state) {
    AcceptedConnection head = queue.peek();
    while (head != null && !head.isIn(state)) {
      boolean unused = queue.remove(head); // not poll: another thread may have done so already
      head = queue.peek();
    }
    return head;
  }
}
