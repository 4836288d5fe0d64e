package io.guardbee.service.revocation;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.audit.Action;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.audit.Audit;
import io.guardbee.service.audit.Entry;
import io.guardbee.service.device.Devices;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.feed.FeedMessage;
import io.guardbee.service.feed.FeedMessage.CertificateStatus;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Holds devices back and lets them go on: their certificates are on hold meanwhile (RFC 5280
 * §5.3.1), and they get no others. Thread-safe, and so are many replicas: all that changes a device
 * takes its turn at its row.
 */
public final class Suspensions {

  private static final int LONGEST_REASON = 200;
  private static final List<String> ISSUED = List.of("issued");

  private final Database database;
  private final EventLog log;
  private final Announcer announcer;
  private final Clock clock;

  public Suspensions(Database database, EventLog log, Announcer announcer, Clock clock) {
    this.database = database;
    this.log = log;
    this.announcer = announcer;
    this.clock = clock;
  }

  /**
   * Suspends a device: on disk first, then told to every broker, then waits for their
   * acknowledgements. Doing it again leaves time and reason as they were and asks the brokers
   * again.
   *
   * @param why for other people to read, at most 200 characters in one line; empty for none
   * @throws RefusedException {@code DEVICE_UNKNOWN}, {@code DEVICE_REVOKED}, {@code
   *     REQUEST_MALFORMED}
   */
  public Receipt suspend(DeviceId deviceId, String why, Actor by) throws InterruptedException {
    requireReadable(why);
    long start = System.nanoTime();
    Change change =
        database.transactUrgently(
            tx -> {
              Devices.Standing standing = Devices.lock(tx, deviceId);
              if (standing.isRevoked()) {
                throw revoked(deviceId, "cannot be suspended", "if a token of it is still open:");
              }
              if (!standing.isSuspended()) {
                hold(tx, deviceId, why, by);
              }
              return tell(tx, deviceId, FeedMessage.SUSPENDED);
            });
    return announcer.receipt(start, deviceId.value(), change);
  }

  /**
   * Suspends a device without waiting for the brokers: for the service's own alarms. Does nothing
   * when it is suspended or revoked already, however often the alarm comes.
   *
   * @param why as for {@link #suspend}; cut when it is longer
   * @return whether it was suspended by this call
   * @throws RefusedException {@code DEVICE_UNKNOWN}
   */
  public boolean suspendAtOnce(DeviceId deviceId, String why, Actor by) {
    String text = why.length() > LONGEST_REASON ? why.substring(0, LONGEST_REASON) : why;
    Optional<Change> change =
        database.transactUrgently(
            tx -> {
              Devices.Standing standing = Devices.lock(tx, deviceId);
              if (standing.isRevoked() || standing.isSuspended()) {
                return Optional.empty();
              }
              hold(tx, deviceId, text, by);
              return Optional.of(tell(tx, deviceId, FeedMessage.SUSPENDED));
            });
    change.ifPresent(announcer::tell);
    return change.isPresent();
  }

  /**
   * Ends a suspension: the certificates that the device had are good again, but for those that have
   * ended or got a successor meanwhile. Doing it again changes nothing and asks the brokers again.
   *
   * @throws RefusedException {@code DEVICE_UNKNOWN}; {@code DEVICE_REVOKED}: that is for good
   */
  public Receipt reinstate(DeviceId deviceId, Actor by) throws InterruptedException {
    long start = System.nanoTime();
    Change change =
        database.transact(
            tx -> {
              Devices.Standing standing = Devices.lock(tx, deviceId);
              if (standing.isRevoked()) {
                throw revoked(deviceId, "is not reinstated", "if it may come back:");
              }
              if (standing.isSuspended()) {
                release(tx, deviceId, by);
              }
              return tell(tx, deviceId, FeedMessage.ACTIVE);
            });
    return announcer.receipt(start, deviceId.value(), change);
  }

  private void hold(Handle tx, DeviceId deviceId, String why, Actor by) {
    Instant now = clock.instant();
    tx.execute(
        "update device set suspended_at = ?, suspended_by = ?, suspension_reason = ? where id = ?",
        Sql.utc(now),
        by.toString(),
        why,
        deviceId.value());
    // what is being signed at this moment is not handed out; its right may be used again later
    tx.execute(
        "update certificate set state = 'abandoned' where device_id = ? and state = 'reserved'",
        deviceId.value());
    record(tx, Action.DEVICE_SUSPENDED, deviceId, by, why);
  }

  private void release(Handle tx, DeviceId deviceId, Actor by) {
    tx.execute(
        "update device set suspended_at = null, suspended_by = null, suspension_reason = null"
            + " where id = ?",
        deviceId.value());
    record(tx, Action.DEVICE_REINSTATED, deviceId, by, "");
  }

  private Change tell(Handle tx, DeviceId deviceId, String status) {
    List<CertificateStatus> certificates =
        Unended.of(tx, deviceId, ISSUED, status, clock.instant());
    String reason =
        status.equals(FeedMessage.ACTIVE)
            ? "removeFromCRL"
            : RevocationReason.CERTIFICATE_HOLD.toString();
    long event =
        log.append(
            tx,
            number ->
                new FeedMessage.Status(number, deviceId.value(), status, reason, certificates));
    return Change.of(event, certificates);
  }

  private void record(Handle tx, Action action, DeviceId deviceId, Actor by, String why) {
    Map<String, String> values = why.isEmpty() ? Map.of() : Map.of("reason", why);
    Audit.record(tx, Entry.of(clock.instant(), action, by, "device:" + deviceId, values));
  }

  private static void requireReadable(String why) {
    if (why.length() > LONGEST_REASON || why.codePoints().anyMatch(Character::isISOControl)) {
      throw new RefusedException(
          Reason.REQUEST_MALFORMED,
          "reason " + Quoted.of(why) + " is not one line of at most 200 characters",
          "give a short reason, or none");
    }
  }

  private static RefusedException revoked(DeviceId deviceId, String what, String hint) {
    String withdraw = hint.startsWith("if a token") ? " --withdraw" : "";
    return new RefusedException(
        Reason.DEVICE_REVOKED,
        "device " + deviceId + " has been revoked, which is for good: it " + what,
        hint + " guardbee device grant " + deviceId + withdraw);
  }
}
