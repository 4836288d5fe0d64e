package io.guardbee.broker.door;

import io.guardbee.broker.policy.Rights;
import io.guardbee.broker.session.SessionOwners;
import io.guardbee.broker.session.Sessions;
import io.guardbee.broker.status.BlockedCertificate;
import io.guardbee.broker.status.CertificateKey;
import io.guardbee.broker.status.Deletion;
import io.guardbee.broker.status.Evictor;
import io.guardbee.broker.status.NewlyBlocked;
import io.guardbee.broker.status.Remains;
import io.guardbee.broker.status.StatusIndex;
import io.guardbee.pki.RefusedException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Ends connections, and the sessions of those who must not come back. Thread-safe. */
final class Bouncer implements Evictor {

  private final LiveConnections live;
  private final SessionDeletions deletions;
  private final Ledger ledger;
  private final Closing closing;

  Bouncer(
      LiveConnections live,
      Sessions sessions,
      SessionOwners owners,
      Ledger ledger,
      ScheduledExecutorService executor) {
    this.live = live;
    SessionDrops drops = new SessionDrops(live, sessions, owners, executor);
    this.deletions = new SessionDeletions(drops, owners, executor);
    this.ledger = ledger;
    this.closing = new Closing(sessions, executor);
  }

  @Override
  public Begun evict(Collection<BlockedCertificate> blocked) {
    Map<CertificateKey, BlockedCertificate> byKey =
        blocked.stream()
            .collect(Collectors.toMap(BlockedCertificate::key, one -> one, (one, same) -> same));
    Set<String> unwelcome = unwelcome(blocked);
    deletions.announce(unwelcome);
    List<LiveConnection> found = live.with(byKey.keySet());
    CompletableFuture<?>[] endings =
        found.stream().map(one -> end(one, block(byKey, one))).toArray(CompletableFuture<?>[]::new);
    CompletableFuture<Void> closed = CompletableFuture.allOf(endings);
    return new Begun(
        closed.thenApply(nothing -> found.size()),
        deletions.begin(unwelcome, closed, () -> lastWills(found, byKey)));
  }

  @Override
  public Begun reconsider(StatusIndex index, NewlyBlocked newly) {
    Predicate<String> unwelcome = newly.unwelcome();
    deletions.announce(unwelcome);
    List<CompletableFuture<Void>> endings = new ArrayList<>();
    for (LiveConnection connection : live.all()) {
      CertificateKey key = connection.visitor().key();
      index
          .block(key)
          .ifPresent(
              block ->
                  endings.add(
                      end(
                          connection,
                          block.refusal(key, connection.visitor().name()),
                          !block.dropsSessions() || hasLastWill(connection))));
    }
    CompletableFuture<Void> closed =
        CompletableFuture.allOf(endings.toArray(CompletableFuture<?>[]::new));
    return new Begun(
        closed.thenApply(nothing -> endings.size()), deletions.begin(unwelcome, closed));
  }

  @Override
  public Deletion delete(Remains remains) {
    Set<String> devices = remains.devices();
    deletions.announce(devices);
    return deletions.begin(devices, CompletableFuture.completedFuture(null), Set::of);
  }

  private static BlockedCertificate block(
      Map<CertificateKey, BlockedCertificate> blocked, LiveConnection connection) {
    return Objects.requireNonNull(blocked.get(connection.visitor().key()));
  }

  private CompletableFuture<Void> end(LiveConnection connection, BlockedCertificate block) {
    return end(connection, block.refusal(), block.isSuperseded() || hasLastWill(connection));
  }

  private static boolean hasLastWill(LiveConnection connection) {
    Rights rights = connection.rights();
    return rights != null && rights.limits().lastWill();
  }

  private static Set<String> lastWills(
      List<LiveConnection> ended, Map<CertificateKey, BlockedCertificate> blocked) {
    return ended.stream()
        .filter(one -> hasLastWill(one) && !block(blocked, one).isSuperseded())
        .map(LiveConnection::clientId)
        .collect(Collectors.toSet());
  }

  /** The devices that must not come back, not only come with another certificate. */
  private static Set<String> unwelcome(Collection<BlockedCertificate> blocked) {
    return blocked.stream()
        .filter(certificate -> !certificate.isSuperseded())
        .map(BlockedCertificate::deviceId)
        .collect(Collectors.toSet());
  }

  /** Whether that device's sessions are on their way out, so that nobody may get them. */
  boolean isDropping(String device) {
    return deletions.isDeleting(device);
  }

  /** Whether a connection with that client id is open or is being accepted. */
  boolean isUsed(String clientId) {
    return live.isUsed(clientId);
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
    CompletableFuture<Void> closed = closing.close(connection, why, withWill);
    ledger.ended(Ledger.Who.of(connection), why); // after it: nobody waits for a log
    return closed;
  }
}
