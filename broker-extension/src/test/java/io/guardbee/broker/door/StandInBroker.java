package io.guardbee.broker.door;

import io.guardbee.broker.session.Sessions;
import io.guardbee.broker.session.Subscribed;
import io.guardbee.pki.RefusedException;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** A broker that, as HiveMQ does, knows a client only some time after it was let in. */
final class StandInBroker implements Sessions {

  private final Map<String, LiveConnection> connected = new ConcurrentHashMap<>();
  private final Set<String> sessions = ConcurrentHashMap.newKeySet();
  private final AtomicInteger failing = new AtomicInteger();
  private final LiveConnections live;
  private volatile CompletableFuture<Void> held = CompletableFuture.completedFuture(null);

  StandInBroker(LiveConnections live) {
    this.live = live;
  }

  /** Takes over who is in with the same client id. */
  void enter(LiveConnection connection) {
    sessions.add(connection.clientId());
    LiveConnection before = connected.put(connection.clientId(), connection);
    if (before != null) {
      live.unregister(before.number());
    }
  }

  void leave(String clientId) {
    LiveConnection connection = connected.remove(clientId);
    if (connection != null) {
      live.unregister(connection.number());
    }
    sessions.remove(clientId);
  }

  /** Its connection ends, its session stays. */
  void leaveSession(String clientId) {
    LiveConnection connection = connected.remove(clientId);
    if (connection != null) {
      live.unregister(connection.number());
    }
  }

  Collection<LiveConnection> connected() {
    return connected.values();
  }

  Set<String> sessions() {
    return sessions;
  }

  @Override
  public CompletableFuture<Boolean> disconnect(
      String clientId, RefusedException why, boolean withWill) {
    LiveConnection connection = connected.remove(clientId);
    if (connection != null) {
      live.unregister(connection.number());
    }
    return CompletableFuture.completedFuture(connection != null);
  }

  @Override
  public CompletableFuture<Void> drop(String clientId, boolean withWill) {
    if (failing.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      return CompletableFuture.failedFuture(new IllegalStateException("busy"));
    }
    return held.thenRun(() -> sessions.remove(clientId));
  }

  /** From now on sessions are dropped only when that completes. */
  void hold(CompletableFuture<Void> until) {
    held = until;
  }

  /** The next attempts to drop a session fail. */
  void fail(int attempts) {
    failing.set(attempts);
  }

  @Override
  public CompletableFuture<Boolean> exists(String clientId) {
    return CompletableFuture.completedFuture(sessions.contains(clientId));
  }

  @Override
  public CompletableFuture<Boolean> isKept(String clientId) {
    return exists(clientId);
  }

  @Override
  public CompletableFuture<Set<String>> clientIds(Predicate<String> wanted) {
    return CompletableFuture.completedFuture(
        sessions.stream().filter(wanted).collect(Collectors.toSet()));
  }

  @Override
  public CompletableFuture<Set<Subscribed>> subscriptions(String clientId) {
    return CompletableFuture.completedFuture(Set.of());
  }

  @Override
  public CompletableFuture<Void> unsubscribe(String clientId, Set<String> filters) {
    return CompletableFuture.completedFuture(null);
  }
}
