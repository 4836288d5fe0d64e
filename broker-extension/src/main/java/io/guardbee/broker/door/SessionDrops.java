package io.guardbee.broker.door;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Drops the sessions of those who must not come back. To find them all sessions of the broker are
 * gone through: what comes while that is under way is found together, by one more round. So ten
 * thousand revocations at once cost a few rounds, not ten thousand. Thread-safe.
 */
final class SessionDrops {

  private final LiveConnections live;
  private final Sessions sessions;
  private final Object lock = new Object();
  private @Nullable Round running;
  private @Nullable Round next;

  SessionDrops(LiveConnections live, Sessions sessions) {
    this.live = live;
    this.sessions = sessions;
  }

  /** Whose sessions one round looks for; added to until it begins. */
  private static final class Round {
    private final Set<String> clientIds = new HashSet<>();
    private final Set<String> devices = new HashSet<>();
    private final List<Predicate<String>> more = new ArrayList<>();
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    /** Device ids hold no slash, so nobody else's client ids begin with one and a slash. */
    boolean wants(String clientId) {
      int slash = clientId.indexOf('/');
      String device = slash > 0 ? clientId.substring(0, slash) : clientId;
      return clientIds.contains(clientId)
          || devices.contains(device)
          || more.stream().anyMatch(one -> one.test(device));
    }
  }

  /**
   * Drops sessions that nobody uses.
   *
   * @param clientIds of these sessions
   * @param devices and of these devices, whatever their client ids
   * @return completes when they are gone
   */
  CompletableFuture<Void> drop(Set<String> clientIds, Set<String> devices) {
    return drop(clientIds, devices, List.of());
  }

  /**
   * Drops sessions that nobody uses.
   *
   * @param clientIds of these sessions
   * @param devices whether of that device, whatever its client ids
   * @return completes when they are gone
   */
  CompletableFuture<Void> drop(Set<String> clientIds, Predicate<String> devices) {
    return drop(clientIds, Set.of(), List.of(devices));
  }

  private CompletableFuture<Void> drop(
      Set<String> clientIds, Set<String> devices, List<Predicate<String>> more) {
    if (clientIds.isEmpty() && devices.isEmpty() && more.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> done;
    synchronized (lock) {
      Round round = next == null ? new Round() : next;
      next = round;
      round.clientIds.addAll(clientIds);
      round.devices.addAll(devices);
      round.more.addAll(more);
      done = round.done;
    }
    begin();
    return done;
  }

  /** Begins the next round unless one is under way. */
  private void begin() {
    Round round;
    synchronized (lock) {
      round = next;
      if (running != null || round == null) {
        return;
      }
      running = round;
      next = null;
    }
    CompletableFuture<Void> unused =
        sessions
            .clientIds(round::wants)
            .thenCompose(this::dropUnused)
            .whenComplete((nothing, failure) -> end(round, failure));
  }

  private void end(Round round, @Nullable Throwable failure) {
    synchronized (lock) {
      running = null;
    }
    if (failure == null) {
      round.done.complete(null);
    } else {
      round.done.completeExceptionally(failure);
    }
    begin();
  }

  private CompletableFuture<Void> dropUnused(Set<String> clientIds) {
    // whoever uses the client id now was let in by the status that is in force now: it is theirs
    Set<String> used =
        live.all().stream().map(LiveConnection::clientId).collect(Collectors.toSet());
    return CompletableFuture.allOf(
        clientIds.stream()
            .filter(id -> !used.contains(id))
            .map(sessions::drop)
            .toArray(CompletableFuture<?>[]::new));
  }
}
