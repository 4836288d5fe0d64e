package io.guardbee.broker.door;

import io.guardbee.broker.policy.Decision;
import io.guardbee.broker.policy.Rights;
import io.guardbee.broker.session.SessionOwners;
import io.guardbee.broker.session.Sessions;
import io.guardbee.broker.session.StoredSessions;
import io.guardbee.broker.session.Subscribed;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares sessions with whose they are and what these may do: HiveMQ checks neither when a session
 * is resumed, and subscriptions only when they are made.
 */
record SessionCheck(
    Sessions sessions, SessionOwners owners, StoredSessions stored, Bouncer bouncer) {

  private static final Logger LOG = LoggerFactory.getLogger(SessionCheck.class);

  /** Learns which sessions there are; to be called at the start and now and then. */
  CompletableFuture<Void> learn() {
    Set<String> before = owners.written();
    return sessions
        .clientIds(id -> id.indexOf('/') >= 0 || before.contains(id))
        .thenAccept(
            present -> {
              owners.learn(before, present);
              stored.learn(present, owners::nameOf);
            });
  }

  /**
   * Counts the session of a client, which outlives its connection.
   *
   * @return fails with {@link Reason#SESSIONS_EXHAUSTED} when its identity has as many others as it
   *     may
   */
  CompletableFuture<Void> count(LiveConnection connection, int most) {
    String device = connection.visitor().name();
    String clientId = connection.clientId();
    return stored
        .known()
        .thenCompose(
            known ->
                stored.add(device, clientId, most)
                    ? CompletableFuture.<Void>completedFuture(null)
                    : forgetEnded(device)
                        .thenAccept(
                            nothing -> {
                              if (!stored.add(device, clientId, most)) {
                                throw tooMany(device, most);
                              }
                            }));
  }

  /** Sessions expire without a word. */
  private CompletableFuture<Void> forgetEnded(String device) {
    return CompletableFuture.allOf(
        stored.of(device).stream()
            .filter(id -> !bouncer.isUsed(id))
            .map(
                id ->
                    sessions
                        .isKept(id)
                        .thenAccept(
                            kept -> {
                              if (!kept) {
                                stored.remove(device, id);
                              }
                            }))
            .toArray(CompletableFuture<?>[]::new));
  }

  private static RefusedException tooMany(String device, int most) {
    return new RefusedException(
        Reason.SESSIONS_EXHAUSTED,
        device + " has as many sessions stored as it may: " + most,
        "use one of their client ids, connect with session expiry 0 or a clean session,"
            + " or raise maxSessions in the policy");
  }

  /** A client begins a session, or goes on with its own. */
  void begin(LiveConnection connection) {
    Visitor visitor = connection.visitor();
    owners.take(connection.clientId(), visitor.owner(), visitor.name());
  }

  /**
   * A client resumes a session, if there is one: it must be its own. What of it the rights do not
   * cover is ended.
   */
  CompletableFuture<Void> resume(LiveConnection connection, Rights rights) {
    String clientId = connection.clientId();
    Visitor visitor = connection.visitor();
    boolean own = owners.isOwn(clientId, visitor.owner(), visitor.name());
    if (own && !bouncer.isDropping(visitor.name())) {
      begin(connection);
      connection.filters().forget();
      connection.grip().watchDeliveries(); // of what was queued by rights of before
      return endLost(connection, rights);
    }
    return sessions
        .drop(clientId, false)
        .thenRun(
            () -> {
              LOG.info("session of {} dropped: not of {}", Quoted.of(clientId), visitor.name());
              begin(connection);
            });
  }

  /** Ends the subscriptions that the rights do not cover. */
  CompletableFuture<Void> endLost(LiveConnection connection, Rights rights) {
    return sessions
        .subscriptions(connection.clientId())
        .thenCompose(
            all -> {
              Set<String> lost = lost(all, rights, connection);
              return sessions
                  .unsubscribe(connection.clientId(), lost)
                  .thenRun(() -> connection.filters().remove(lost));
            });
  }

  /** Asks the broker which topic filters a resumed session has. */
  CompletableFuture<Void> learnFilters(LiveConnection connection) {
    return sessions
        .subscriptions(connection.clientId())
        .thenAccept(
            all -> connection.filters().learn(all.stream().map(Subscribed::filter).toList()));
  }

  private static Set<String> lost(Set<Subscribed> all, Rights rights, LiveConnection connection) {
    Set<String> lost = new TreeSet<>();
    for (Subscribed one : all) {
      Decision decision = rights.decideSubscribe(one.filter(), one.qos());
      if (!decision.allowed()) {
        lost.add(one.filter());
        LOG.warn(
            "ended subscription of {} client id {} to {}: {}",
            connection.visitor().name(),
            Quoted.of(connection.clientId()),
            Quoted.of(one.filter()),
            decision.words());
      }
    }
    return lost;
  }
}
