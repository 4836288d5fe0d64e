package io.guardbee.service.broker;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.config.Config;
import io.guardbee.service.policy.CloneRule;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Suspends devices on the word of a broker, within limits. A broker may be in wrong hands, so its
 * word counts only if the installation's settings and the policy in force allow it, if it knows the
 * serial number of a good certificate of that device (158 random bits, which nobody else is told),
 * and for a few devices a minute and a day. What counts against a limit is in the database: neither
 * replicas nor restarts add up. Thread-safe.
 */
final class CloneSuspensions {

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration DAY = Duration.ofDays(1);

  private final Database database;
  private final Suspender suspender;
  private final Config.Clones settings;
  private final Clock clock;
  private final CloneRule rule = new CloneRule();

  CloneSuspensions(Database database, Suspender suspender, Config.Clones settings, Clock clock) {
    this.database = database;
    this.suspender = suspender;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * What is to be done.
   *
   * @param isDue whether it is to be suspended now
   * @param objection why it is not suspended; null when it is, or was before
   */
  private record Decision(boolean isDue, @Nullable String objection) {
    static final Decision SUSPEND = new Decision(true, null);
    static final Decision DONE = new Decision(false, null);

    static Decision no(String objection) {
      return new Decision(false, objection);
    }
  }

  /**
   * Suspends the device, or tells why not.
   *
   * @param serial of the certificate that was seen in two places
   * @param what one line, for the record
   * @return why it is not suspended; empty when it is
   * @throws RefusedException {@code STORAGE_FAILED}: the broker tells it again
   */
  Optional<String> suspend(String node, String device, String serial, String what) {
    if (!settings.suspend()) {
      return Optional.of("clones.suspend is off in config.yaml");
    }
    DeviceId id;
    try {
      id = new DeviceId(device);
    } catch (RefusedException e) {
      return Optional.of(e.detail());
    }
    Decision decision = database.transact(tx -> decide(tx, node, id, serial));
    if (decision.isDue()) {
      suspender.suspend(id, what, Actor.broker(node));
    }
    return Optional.ofNullable(decision.objection());
  }

  private Decision decide(Handle tx, String node, DeviceId device, String serial) {
    if (!rule.isSuspendAllowed(tx)) {
      return Decision.no("the policy in force here does not say clones: suspend");
    }
    Optional<Boolean> blocked = blocked(tx, device, serial);
    if (blocked.isEmpty()) {
      return Decision.no("it has no good certificate " + Quoted.line(serial));
    }
    return blocked.get() ? Decision.DONE : count(tx, node, device);
  }

  /** Whether the device is revoked or suspended already; empty without such a certificate. */
  private Optional<Boolean> blocked(Handle tx, DeviceId device, String serial) {
    return tx.createQuery(
            "select d.status, d.suspended_at from certificate c join device d"
                + " on d.id = c.device_id where c.device_id = :device and c.serial = :serial"
                + " and c.state = 'issued' and c.not_after > :now")
        .bind("device", device.value())
        .bind("serial", serial)
        .bind("now", Sql.utc(clock.instant()))
        .map(
            (row, context) ->
                row.getString("status").equals("revoked") || row.getObject("suspended_at") != null)
        .findFirst();
  }

  /** One report of a node after the other: its row in {@code broker_contact} stays locked. */
  private Decision count(Handle tx, String node, DeviceId device) {
    Instant now = clock.instant();
    boolean known =
        tx.createQuery("select node from broker_contact where node = :node for update")
            .bind("node", node)
            .mapTo(String.class)
            .findOne()
            .isPresent();
    if (!known) {
      return Decision.no("the broker is not on record");
    }
    tx.execute(
        "delete from clone_suspension where node = ? and suspended_at < ?",
        node,
        Sql.utc(now.minus(DAY)));
    return limit(tx, node, now)
        .map(Decision::no)
        .orElseGet(
            () -> {
              tx.execute(
                  "insert into clone_suspension (node, suspended_at, device_id) values (?, ?, ?)",
                  node,
                  Sql.utc(now),
                  device.value());
              return Decision.SUSPEND;
            });
  }

  /** The limit that the node has reached; empty for none. */
  private Optional<String> limit(Handle tx, String node, Instant now) {
    if (since(tx, node, now.minus(MINUTE)) >= settings.perMinute()) {
      return Optional.of("limit: one broker has " + settings.perMinute() + " suspended a minute");
    }
    return since(tx, node, now.minus(DAY)) >= settings.perDay()
        ? Optional.of("limit: one broker has " + settings.perDay() + " suspended a day")
        : Optional.empty();
  }

  private static long since(Handle tx, String node, Instant time) {
    return tx.createQuery(
            "select count(*) from clone_suspension where node = :node and suspended_at > :time")
        .bind("node", node)
        .bind("time", Sql.utc(time))
        .mapTo(Long.class)
        .one();
  }
}
