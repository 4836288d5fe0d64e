package io.guardbee.broker.run.listener;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One connection from its acceptance to its end. Thread-safe; each state is reached at most once,
 * and {@link ConnectionCounts} counts by these transitions.
 */
final class AcceptedConnection {

  /** In the order in which they are reached. */
  enum State {
    /** Its ClientHello is not there yet. */
    WAITING,
    /** Its ClientHello is there; the handshake is not finished. */
    NEGOTIATING,
    ESTABLISHED,
    CLOSED
  }

  private final Network network;
  private final long acceptedAt;
  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
  private volatile @Nullable Runnable close;

  /**
   * Begins in its handshake.
   *
   * @param acceptedAt nanoseconds, as {@link System#nanoTime} tells them
   * @param close closes the channel, from any thread
   */
  AcceptedConnection(Network network, long acceptedAt, Runnable close) {
    this.network = network;
    this.acceptedAt = acceptedAt;
    this.close = close;
  }

  Network network() {
    return network;
  }

  long age(long now) {
    return now - acceptedAt;
  }

  boolean isIn(State some) {
    return state.get() == some;
  }

  /** Whether this call changed the state from the one to the other. */
  boolean change(State from, State to) {
    boolean changed = state.compareAndSet(from, to);
    if (changed && to == State.ESTABLISHED) {
      close = null; // it may stay in a queue for some seconds: hold no channel meanwhile
    }
    return changed;
  }

  /** Whether this call ended the handshake with that state. */
  boolean endHandshake(State to) {
    return change(State.NEGOTIATING, to) || change(State.WAITING, to);
  }

  /** Closes the channel if it is still in its handshake or was aborted in it. */
  void closeChannel() {
    Runnable now = close;
    close = null;
    if (now != null) {
      now.run();
    }
  }

  /** The channel is closed. */
  void forgetChannel() {
    close = null;
  }
}
