package io.guardbee.broker.door;

import io.guardbee.broker.policy.Permission;
import io.guardbee.broker.policy.Permission.Activity;
import io.guardbee.broker.policy.Rights;
import io.guardbee.pki.RefusedException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings connections that are in to what is in force now: authorities, policy, observation. What is
 * lost is lost at once, what is gained needs no new connection. Thread-safe.
 */
final class Changes {

  private static final Logger LOG = LoggerFactory.getLogger(Changes.class);

  /** A SUBSCRIBE that was decided by rights of before is stored within this many sweeps. */
  private static final int SWEEPS = 3;

  private final Door door;
  private final LiveConnections live;
  private final SessionCheck sessions;
  private final Observer observer;
  private final Bouncer bouncer;

  Changes(
      Door door, LiveConnections live, SessionCheck sessions, Observer observer, Bouncer bouncer) {
    this.door = door;
    this.live = live;
    this.sessions = sessions;
    this.observer = observer;
    this.bouncer = bouncer;
  }

  /**
   * Looks at one connection again. One that is still on its way in does that itself, before it is
   * in.
   */
  void reconsider(LiveConnection connection) {
    connection
        .turn()
        .ask(
            () -> {
              try {
                bring(connection);
              } catch (RefusedException e) {
                bouncer.sendAway(connection, e, false);
              } catch (RuntimeException e) {
                LOG.error("a defect of Guardbee ends {}", connection.clientId(), e);
                bouncer.sendAway(connection, ConnectCheck.defect(), false);
              }
            });
  }

  /**
   * The end of a connection's way in: from here on, others look at it.
   *
   * @throws RefusedException when it may not come in any more
   */
  void settle(LiveConnection connection) {
    connection.turn().finish(() -> bring(connection));
  }

  private void bring(LiveConnection connection) {
    door.checkTrust(connection.visitor());
    Rights before = connection.rights();
    Rights after = door.rightsNow(connection);
    observer.look(connection);
    if (!after.equals(before)) {
      if (live.isBeyond(connection, after.limits().maxConnections())) {
        throw Admission.tooMany(connection, after.limits());
      }
      replace(connection, before, after);
    }
    connection.grip().watchPublishes(observer.isObserving() || PublishCheck.isNeededBy(after));
  }

  private void replace(LiveConnection connection, @Nullable Rights before, Rights after) {
    boolean others = before == null || !subscriptions(before).equals(subscriptions(after));
    if (others) {
      connection.grip().watchDeliveries();
    }
    connection.grant(after);
    connection.grip().permit(after);
    if (others) {
      connection.lookAgain(SWEEPS);
      endLost(connection, after);
    }
  }

  private static List<Permission> subscriptions(Rights rights) {
    return rights.permissions().stream()
        .filter(permission -> permission.activity() == Activity.SUBSCRIBE)
        .toList();
  }

  private void endLost(LiveConnection connection, Rights rights) {
    CompletableFuture<Void> unused =
        sessions
            .endLost(connection, rights)
            .exceptionally(
                failure -> {
                  // nothing is delivered all the same; the sweep tries again
                  connection.lookAgain(SWEEPS);
                  LOG.error("subscriptions of {} not ended", connection.clientId(), failure);
                  return null;
                });
  }

  /** About every second, for a connection whose rights changed lately. */
  void lookAgain(LiveConnection connection) {
    int times = connection.lookAgain();
    if (times > 0) {
      connection.lookAgain(times - 1);
      endLost(connection, Objects.requireNonNull(connection.rights()));
    }
  }
}
