package io.guardbee.broker.door;

import io.guardbee.broker.session.SessionOwners;
import io.guardbee.broker.session.Sessions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Drops the sessions of those who must not come back. To find them all sessions of the broker are
 * gone through: what comes while that is under way is found together, by one more round. So ten
 * thousand revocations at once cost a few rounds, not ten thousand. Thread-safe.
 */
final class SessionDrops {

  private static final long FIRST_REST_MILLIS = 2;
  private static final int MOST_TRIES = 10;

  private final LiveConnections live;
  private final Sessions sessions;
  private final SessionOwners owners;
  private final Executor executor;
  private final Set<String> dropping = ConcurrentHashMap.newKeySet();
  private final Object lock = new Object();
  private @Nullable Round running;
  private @Nullable Round next;

  SessionDrops(LiveConnections live, Sessions sessions, SessionOwners owners, Executor executor) {
    this.live = live;
    this.sessions = sessions;
    this.owners = owners;
    this.executor = executor;
  }

  /** Whose sessions one round looks for; added to until it begins. */
  private static final class Round {
    private final Set<String> lastWills = new HashSet<>();
    private final Set<String> devices = new HashSet<>();
    private final List<Predicate<String>> more = new ArrayList<>();
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    boolean wants(String device) {
      return devices.contains(device) || more.stream().anyMatch(one -> one.test(device));
    }
  }

  /**
   * Drops the sessions of these devices that nobody uses. Where they can have none but those that
   * are named as they are, there is nothing to look for.
   *
   * @param lastWills client ids whose Wills may still be published
   * @return completes when they are gone
   */
  CompletableFuture<Void> drop(Set<String> devices, Set<String> lastWills) {
    return devices.stream().noneMatch(owners::mayHaveOthers)
        ? dropUnused(devices, lastWills)
        : drop(devices, lastWills, List.of());
  }

  /** The same for all devices of which that is true. */
  CompletableFuture<Void> drop(Predicate<String> devices) {
    return drop(Set.of(), Set.of(), List.of(devices));
  }

  private CompletableFuture<Void> drop(
      Set<String> devices, Set<String> lastWills, List<Predicate<String>> more) {
    CompletableFuture<Void> done;
    synchronized (lock) {
      Round round = next == null ? new Round() : next;
      next = round;
      round.lastWills.addAll(lastWills);
      round.devices.addAll(devices);
      round.more.addAll(more);
      done = round.done;
    }
    begin();
    return done;
  }

  /** How many of these client ids' sessions were found and are not gone yet. */
  int left(Predicate<String> clientIds) {
    return (int) dropping.stream().filter(clientIds).count();
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
            .clientIds(id -> round.wants(owners.nameOf(id)))
            .thenCompose(ids -> dropUnused(ids, round.lastWills))
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

  private CompletableFuture<Void> dropUnused(Set<String> clientIds, Set<String> lastWills) {
    return CompletableFuture.allOf(
        clientIds.stream()
            .map(id -> dropOne(id, lastWills.contains(id)))
            .toArray(CompletableFuture<?>[]::new));
  }

  private CompletableFuture<Void> dropOne(String clientId, boolean withWill) {
    dropping.add(clientId);
    return dropUnused(clientId, withWill, 0)
        .whenComplete((nothing, failure) -> dropping.remove(clientId));
  }

  /**
   * Until it is gone: the broker tells of a connection's end before it has put its session away,
   * and what is dropped in between is there again after that.
   */
  private CompletableFuture<Void> dropUnused(String clientId, boolean withWill, int tries) {
    if (live.isUsed(clientId)) {
      // the connection that uses the client id was checked against the current status: the session
      // is its own after it has entered; before that it may be refused, so the deletion waits
      return live.hasEntered(clientId)
          ? CompletableFuture.completedFuture(null)
          : again(clientId, withWill, tries + 1);
    }
    return sessions
        .drop(clientId, withWill)
        .thenCompose(dropped -> sessions.exists(clientId))
        .thenCompose(
            still ->
                still
                    ? again(clientId, withWill, tries + 1)
                    : CompletableFuture.completedFuture(null));
  }

  private CompletableFuture<Void> again(String clientId, boolean withWill, int tries) {
    if (tries > MOST_TRIES) {
      return CompletableFuture.failedFuture(
          new IllegalStateException("the session of " + clientId + " is still there"));
    }
    Executor later =
        CompletableFuture.delayedExecutor(
            FIRST_REST_MILLIS << tries, TimeUnit.MILLISECONDS, executor);
    return CompletableFuture.runAsync(() -> {}, later)
        .thenCompose(rested -> dropUnused(clientId, withWill, tries));
  }
}
