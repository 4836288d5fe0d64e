package io.guardbee.service.revocation;

import io.guardbee.pki.DeviceId;
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
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Withdraws all that a device has: certificates, keys and unused tokens. Thread-safe. */
public final class Revocations {

  private static final List<String> TOLD = List.of("issued", "reserved", "revoked");

  private final Database database;
  private final EventLog log;
  private final Announcer announcer;
  private final Clock clock;

  public Revocations(Database database, EventLog log, Announcer announcer, Clock clock) {
    this.database = database;
    this.log = log;
    this.announcer = announcer;
    this.clock = clock;
  }

  /**
   * Revokes a device: on disk first, then told to every broker, then waits for their
   * acknowledgements. Doing it again changes nothing and asks the brokers again.
   *
   * @param by who decided it
   * @throws RefusedException {@code DEVICE_UNKNOWN}
   */
  public Receipt revoke(DeviceId deviceId, RevocationReason reason, Actor by)
      throws InterruptedException {
    long start = System.nanoTime();
    Change change = database.transactUrgently(tx -> commit(tx, deviceId, reason, by));
    return announcer.receipt(start, deviceId.value(), change).requireCovered();
  }

  private static void lock(Handle tx, DeviceId deviceId) {
    try {
      Devices.lock(tx, deviceId);
    } catch (RefusedException e) {
      throw new RefusedException(
          e.reason(),
          e.detail(),
          "see guardbee device list; a certificate that is not on record is revoked by its file or"
              + " serial: guardbee revoke --cert FILE");
    }
  }

  private Change commit(Handle tx, DeviceId deviceId, RevocationReason reason, Actor by) {
    lock(tx, deviceId);
    OffsetDateTime now = clock.instant().atOffset(ZoneOffset.UTC);
    // those revoked before included: a repeat tells them again
    List<CertificateStatus> certificates =
        Unended.of(tx, deviceId, TOLD, FeedMessage.REVOKED, now.toInstant());
    // a reserved row counts: its certificate may be signed at this very moment
    tx.execute(
        "update certificate set state = 'revoked', revoked_at = ?, revocation_reason = ?"
            + " where device_id = ? and state in ('issued', 'reserved')",
        now,
        reason.toString(),
        deviceId.value());
    tx.execute(
        "update device_key set revoked_at = ? where device_id = ? and revoked_at is null",
        now,
        deviceId.value());
    tx.execute(
        "update enrolment_token set voided_at = ?" + " where device_id = ? and voided_at is null",
        now,
        deviceId.value());
    // what was approved but not fetched yet
    tx.execute("delete from approval where device_id = ?", deviceId.value());
    tx.execute(
        "update device set status = 'revoked', suspended_at = null, suspended_by = null,"
            + " suspension_reason = null where id = ?",
        deviceId.value());
    long event =
        log.append(
            tx,
            number ->
                new FeedMessage.Status(
                    number,
                    deviceId.value(),
                    FeedMessage.REVOKED,
                    reason.toString(),
                    certificates));
    Change change = Change.of(event, certificates);
    Audit.record(
        tx,
        Entry.of(
            now.toInstant(),
            Action.DEVICE_REVOKED,
            by,
            "device:" + deviceId,
            Map.of(
                "reason",
                reason.toString(),
                "event",
                String.valueOf(event),
                "serials",
                String.join(" ", change.serials()))));
    return change;
  }
}
