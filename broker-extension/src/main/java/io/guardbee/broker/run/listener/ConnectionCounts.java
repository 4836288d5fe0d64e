package io.guardbee.broker.run.listener;

import io.guardbee.broker.run.listener.AcceptedConnection.State;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * Counts connections and unfinished handshakes, by network and in total, and decides whether
 * another one fits. Thread-safe; waits for nothing. Listeners that accept at the same moment may
 * pass a limit by one each.
 *
 * <p>Where unfinished handshakes are at their limit, one of them makes room: the oldest that has
 * sent no ClientHello, else the oldest at all if it is older than a working client needs. So idle
 * sockets do not keep working clients out, not even those of the same address; and in a reconnect
 * storm no handshake is given up on which the broker has worked.
 */
final class ConnectionCounts {

  /** What a handshake takes a device on a slow line while the broker is not busy. */
  static final Duration GRACE = Duration.ofSeconds(1);

  private final Limits limits;
  private final BiConsumer<LimitReason, Network> refused;
  private final ConcurrentHashMap<Network, Share> shares = new ConcurrentHashMap<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final Handshakes handshakes = new Handshakes();

  /** What one network has. Removed when it has no connection. */
  private record Share(AtomicInteger connections, Handshakes handshakes) {}

  /**
   * Begins with nothing.
   *
   * @param refused is told each connection that is closed for a limit
   */
  ConnectionCounts(Limits limits, BiConsumer<LimitReason, Network> refused) {
    this.limits = limits;
    this.refused = refused;
  }

  int connections() {
    return connections.get();
  }

  int handshakes() {
    return handshakes.count();
  }

  int networks() {
    return shares.size();
  }

  /** Counts a connection that has just been accepted; empty when it is refused. */
  Optional<AcceptedConnection> accept(Network network, long now, Runnable close) {
    Share share = enter(network);
    Optional<LimitReason> exceeded = exceeded(share, now);
    if (exceeded.isPresent()) {
      leave(network);
      refused.accept(exceeded.get(), network);
      return Optional.empty();
    }
    AcceptedConnection connection = new AcceptedConnection(network, now, close);
    handshakes.begin(connection);
    share.handshakes().begin(connection);
    return Optional.of(connection);
  }

  private Share enter(Network network) {
    connections.incrementAndGet();
    return shares.compute(
        network,
        (key, present) -> {
          Share share =
              present == null ? new Share(new AtomicInteger(), new Handshakes()) : present;
          share.connections().incrementAndGet();
          return share;
        });
  }

  private void leave(Network network) {
    connections.decrementAndGet();
    shares.computeIfPresent(
        network, (key, share) -> share.connections().decrementAndGet() == 0 ? null : share);
  }

  /** The limit that the newest connection, counted already, passes. */
  private Optional<LimitReason> exceeded(Share share, long now) {
    if (share.connections().get() > limits.addressConnections()) {
      return Optional.of(LimitReason.ADDRESS_CONNECTIONS);
    }
    if (connections.get() > limits.connections()) {
      return Optional.of(LimitReason.CONNECTIONS);
    }
    if (!hasRoom(share.handshakes(), limits.addressHandshakes(), now)) {
      return Optional.of(LimitReason.ADDRESS_HANDSHAKES);
    }
    if (!hasRoom(handshakes, limits.handshakes(), now)) {
      return Optional.of(LimitReason.HANDSHAKES);
    }
    return Optional.empty();
  }

  private boolean hasRoom(Handshakes some, int limit, long now) {
    if (some.count() < limit) {
      return true;
    }
    AcceptedConnection idle = some.oldestWaiting();
    if (idle != null) {
      return abort(idle, LimitReason.HANDSHAKE_REPLACED);
    }
    AcceptedConnection slow = some.oldestNegotiating();
    return slow != null
        && slow.age(now) >= GRACE.toNanos()
        && abort(slow, LimitReason.HANDSHAKE_REPLACED);
  }

  /** The ClientHello has come whole. */
  void negotiating(AcceptedConnection connection) {
    if (connection.change(State.WAITING, State.NEGOTIATING)) {
      handshakes.negotiate(connection);
      Share share = shares.get(connection.network());
      if (share != null) {
        share.handshakes().negotiate(connection);
      }
    }
  }

  /** The handshake was completed: the connection counts as an established one. */
  void established(AcceptedConnection connection) {
    if (connection.endHandshake(State.ESTABLISHED)) {
      endHandshake(connection);
    }
  }

  /** The handshake took too long. */
  void timedOut(AcceptedConnection connection) {
    boolean unused = abort(connection, LimitReason.HANDSHAKE_TIMEOUT);
  }

  /** The client announced a ClientHello that no client needs. */
  void helloTooLong(AcceptedConnection connection) {
    boolean unused = abort(connection, LimitReason.HELLO_TOO_LONG);
  }

  /** The channel is closed, by either side. */
  void closed(AcceptedConnection connection) {
    if (connection.endHandshake(State.CLOSED)) {
      endHandshake(connection);
      leave(connection.network());
    } else if (connection.change(State.ESTABLISHED, State.CLOSED)) {
      leave(connection.network());
    }
    connection.forgetChannel();
  }

  private boolean abort(AcceptedConnection connection, LimitReason reason) {
    if (!connection.endHandshake(State.CLOSED)) {
      return false;
    }
    endHandshake(connection);
    leave(connection.network());
    connection.closeChannel();
    refused.accept(reason, connection.network());
    return true;
  }

  private void endHandshake(AcceptedConnection connection) {
    handshakes.end();
    Share share = shares.get(connection.network()); // there while one of its connections is
    if (share != null) {
      share.handshakes().end();
    }
  }
}
