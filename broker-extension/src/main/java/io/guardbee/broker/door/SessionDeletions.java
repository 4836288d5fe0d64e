package io.guardbee.broker.door;

import io.guardbee.broker.session.SessionOwners;
import io.guardbee.broker.status.Deletion;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the sessions of revoked and suspended devices in the background, and tries again until
 * they are gone: a session with many subscriptions takes the broker seconds, and nobody waits for
 * that. Until then nobody gets them, see {@link #isDeleting}. Thread-safe.
 */
final class SessionDeletions {

  private static final Logger LOG = LoggerFactory.getLogger(SessionDeletions.class);
  private static final Duration FIRST_REST = Duration.ofSeconds(1);
  private static final int MOST_DOUBLINGS = 6;

  private final SessionDrops drops;
  private final SessionOwners owners;
  private final Executor executor;
  private final Map<String, Integer> devices = new ConcurrentHashMap<>();
  private final List<Predicate<String>> manyDevices = new CopyOnWriteArrayList<>();

  SessionDeletions(SessionDrops drops, SessionOwners owners, Executor executor) {
    this.drops = drops;
    this.owners = owners;
    this.executor = executor;
  }

  /** Whose sessions are on their way out; to be called before the connections are ended. */
  void announce(Set<String> some) {
    some.forEach(device -> devices.merge(device, 1, Integer::sum));
  }

  /** The same for all devices of which that is true. */
  void announce(Predicate<String> some) {
    manyDevices.add(some);
  }

  /**
   * Deletes the sessions of devices that were announced.
   *
   * @param closed completes, or fails, when their connections have ended
   * @param lastWills client ids whose Wills may still be published, asked for after that
   */
  Deletion begin(Set<String> some, CompletableFuture<?> closed, Supplier<Set<String>> lastWills) {
    CompletableFuture<Void> done =
        after(closed, () -> drops.drop(some, lastWills.get()))
            .thenRun(() -> some.forEach(this::gone));
    return new Deletion(done, () -> drops.left(id -> some.contains(owners.nameOf(id))));
  }

  /** The same for all devices of which that is true. */
  Deletion begin(Predicate<String> some, CompletableFuture<?> closed) {
    CompletableFuture<Void> done =
        after(closed, () -> drops.drop(some)).thenRun(() -> manyDevices.remove(some));
    return new Deletion(done, () -> drops.left(id -> some.test(owners.nameOf(id))));
  }

  private CompletableFuture<Void> after(
      CompletableFuture<?> closed, Supplier<CompletableFuture<Void>> drop) {
    return closed
        .handle((done, failure) -> null)
        .thenComposeAsync(nothing -> untilDone(drop, 0), executor);
  }

  private CompletableFuture<Void> untilDone(Supplier<CompletableFuture<Void>> drop, int failures) {
    return drop.get()
        .handle((nothing, failure) -> failure)
        .thenCompose(
            failure -> {
              if (failure == null) {
                return CompletableFuture.<Void>completedFuture(null);
              }
              LOG.error("sessions not deleted: {}; trying again", failure.toString());
              long rest = FIRST_REST.toMillis() << Math.min(failures, MOST_DOUBLINGS);
              return CompletableFuture.runAsync(
                      () -> {},
                      CompletableFuture.delayedExecutor(rest, TimeUnit.MILLISECONDS, executor))
                  .thenCompose(rested -> untilDone(drop, failures + 1));
            });
  }

  private void gone(String device) {
    devices.computeIfPresent(device, (same, count) -> count == 1 ? null : count - 1);
  }

  /**
   * Whether that device's sessions are on their way out: a device that comes in with its next
   * certificate before they are gone must not find them.
   */
  boolean isDeleting(String device) {
    return devices.containsKey(device)
        || manyDevices.stream().anyMatch(unwelcome -> unwelcome.test(device));
  }
}
