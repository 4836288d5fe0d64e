package io.guardbee.broker.door;

import io.guardbee.broker.status.Block;
import io.guardbee.broker.status.BlockedCertificate;
import io.guardbee.broker.status.CertificateKey;
import io.guardbee.broker.status.Evictor;
import io.guardbee.broker.status.StatusIndex;
import io.guardbee.broker.watch.DoorMetrics;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.RefusedException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends connections, and the sessions of those who must not come back. Thread-safe. */
final class Bouncer implements Evictor {

  private static final Logger LOG = LoggerFactory.getLogger(Bouncer.class);
  private static final long FIRST_RETRY_MILLIS = 2;
  private static final int MOST_DOUBLINGS = 7;
  private static final int MOST_TRIES = 60;

  private final LiveConnections live;
  private final Sessions sessions;
  private final SessionDrops drops;
  private final DoorMetrics metrics;
  private final ScheduledExecutorService executor;

  Bouncer(
      LiveConnections live,
      Sessions sessions,
      DoorMetrics metrics,
      ScheduledExecutorService executor) {
    this.live = live;
    this.sessions = sessions;
    this.drops = new SessionDrops(live, sessions);
    this.metrics = metrics;
    this.executor = executor;
  }

  @Override
  public CompletableFuture<Integer> evict(Collection<BlockedCertificate> blocked) {
    if (blocked.isEmpty()) {
      return CompletableFuture.completedFuture(0);
    }
    Map<CertificateKey, BlockedCertificate> byKey =
        blocked.stream()
            .collect(Collectors.toMap(BlockedCertificate::key, one -> one, (one, same) -> same));
    List<LiveConnection> found = live.with(byKey.keySet());
    CompletableFuture<?>[] endings =
        found.stream()
            .map(connection -> end(connection, why(byKey, connection), false))
            .toArray(CompletableFuture<?>[]::new);
    return CompletableFuture.allOf(endings)
        .thenComposeAsync(nothing -> dropSessions(unwelcome(blocked), found), executor)
        .thenApply(nothing -> found.size());
  }

  @Override
  public CompletableFuture<Integer> reconsider(StatusIndex index, Predicate<String> unwelcome) {
    Set<String> lost = ConcurrentHashMap.newKeySet();
    List<CompletableFuture<Void>> endings = new ArrayList<>();
    for (LiveConnection connection : live.all()) {
      Block block = index.block(connection.visitor().key()).orElse(null);
      if (block != null) {
        endings.add(end(connection, block.refusal(connection.visitor().key()), false));
        if (block.dropsSessions()) {
          lost.add(connection.clientId());
        }
      }
    }
    return CompletableFuture.allOf(endings.toArray(CompletableFuture<?>[]::new))
        .thenComposeAsync(nothing -> drops.drop(lost, unwelcome), executor)
        .thenApply(nothing -> endings.size());
  }

  private static RefusedException why(
      Map<CertificateKey, BlockedCertificate> blocked, LiveConnection connection) {
    return Objects.requireNonNull(blocked.get(connection.visitor().key())).refusal();
  }

  /** Those whose devices must not come back, not only come with another certificate. */
  private static List<BlockedCertificate> unwelcome(Collection<BlockedCertificate> blocked) {
    return blocked.stream().filter(certificate -> !certificate.isSuperseded()).toList();
  }

  /** Ends one connection without waiting for it. */
  void sendAway(LiveConnection connection, RefusedException why, boolean withWill) {
    CompletableFuture<Void> unused = end(connection, why, withWill);
  }

  /**
   * Ends one connection.
   *
   * @return completes when it is closed
   */
  CompletableFuture<Void> end(LiveConnection connection, RefusedException why, boolean withWill) {
    if (!connection.beginEnding()) {
      return connection.gone(); // somebody is at it
    }
    connection.disarm();
    metrics.ended(why.reason());
    LOG.warn(
        "ended connection of {} serial {} client id {}: {}",
        connection.visitor().name(),
        connection.visitor().key().serial(),
        Quoted.of(connection.clientId()),
        why.line());
    return tryToEnd(connection, () -> disconnect(connection, why, withWill), 0);
  }

  private CompletableFuture<Boolean> disconnect(
      LiveConnection connection, RefusedException why, boolean withWill) {
    return sessions
        .disconnect(connection.clientId(), why, withWill)
        .exceptionally(failure -> false); // such as a rate limit: tried again
  }

  /**
   * Between our yes and the broker's own registration a connection cannot be found by its client
   * id: asked until its end was told to us.
   */
  private CompletableFuture<Void> tryToEnd(
      LiveConnection connection, Supplier<CompletableFuture<Boolean>> disconnect, int tries) {
    CompletableFuture<Boolean> closed = disconnect.get();
    CompletableFuture<Void> retry = new CompletableFuture<>();
    ScheduledFuture<?> unused =
        executor.schedule(
            () -> again(connection, disconnect, tries + 1, retry),
            FIRST_RETRY_MILLIS << Math.min(tries, MOST_DOUBLINGS),
            TimeUnit.MILLISECONDS);
    CompletableFuture<Void> first =
        closed.thenCompose(was -> Boolean.TRUE.equals(was) ? connection.gone() : retry);
    return CompletableFuture.anyOf(first, retry).thenApply(done -> null);
  }

  private void again(
      LiveConnection connection,
      Supplier<CompletableFuture<Boolean>> disconnect,
      int tries,
      CompletableFuture<Void> outcome) {
    if (connection.gone().isDone()) {
      outcome.complete(null);
    } else if (tries > MOST_TRIES) {
      connection.giveUpEnding();
      outcome.completeExceptionally(
          new IllegalStateException("the broker does not close " + connection.clientId()));
    } else {
      CompletableFuture<Void> unused =
          tryToEnd(connection, disconnect, tries)
              .whenComplete(
                  (done, failure) -> {
                    if (failure == null) {
                      outcome.complete(null);
                    } else {
                      outcome.completeExceptionally(failure);
                    }
                  });
    }
  }

  private CompletableFuture<Void> dropSessions(
      Collection<BlockedCertificate> blocked, List<LiveConnection> ended) {
    Set<String> devices =
        blocked.stream().map(BlockedCertificate::deviceId).collect(Collectors.toSet());
    Set<CertificateKey> unwelcome =
        blocked.stream().map(BlockedCertificate::key).collect(Collectors.toSet());
    Set<String> clientIds =
        ended.stream()
            .filter(connection -> unwelcome.contains(connection.visitor().key()))
            .map(LiveConnection::clientId)
            .collect(Collectors.toSet());
    return drops.drop(clientIds, devices);
  }
}
