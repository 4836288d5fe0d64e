package io.guardbee.service.revocation;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.audit.Action;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.audit.Audit;
import io.guardbee.service.audit.Entry;
import io.guardbee.service.device.Devices;
import io.guardbee.service.feed.BrokerNodes;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.feed.FeedMessage;
import io.guardbee.service.feed.FeedMessage.CertificateStatus;
import io.guardbee.service.feed.StatusFeed;
import io.guardbee.service.store.Database;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Withdraws all that a device has: certificates, keys and unused tokens. Thread-safe. */
public final class Revocations {

  private final Database database;
  private final EventLog log;
  private final StatusFeed feed;
  private final BrokerNodes nodes;
  private final Duration acknowledgeTimeout;
  private final Clock clock;

  /**
   * @param acknowledgeTimeout how long a revocation waits for connected brokers
   */
  public Revocations(
      Database database,
      EventLog log,
      StatusFeed feed,
      BrokerNodes nodes,
      Duration acknowledgeTimeout,
      Clock clock) {
    this.database = database;
    this.log = log;
    this.feed = feed;
    this.nodes = nodes;
    this.acknowledgeTimeout = acknowledgeTimeout;
    this.clock = clock;
  }

  private record Committed(long event, List<String> serials) {}

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
    Committed committed = database.transact(tx -> commit(tx, deviceId, reason, by));
    feed.published(committed.event());
    BrokerNodes.Outcome outcome = nodes.await(committed.event(), acknowledgeTimeout);
    return new Receipt(
        deviceId.value(),
        committed.serials(),
        outcome.nodes(),
        outcome.sessionsEnded(),
        Duration.ofNanos(System.nanoTime() - start).toMillis());
  }

  private Committed commit(Handle tx, DeviceId deviceId, RevocationReason reason, Actor by) {
    Devices.lock(tx, deviceId);
    OffsetDateTime now = clock.instant().atOffset(ZoneOffset.UTC);
    List<CertificateStatus> certificates = inForce(tx, deviceId, now);
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
    tx.execute("update device set status = 'revoked' where id = ?", deviceId.value());
    long event =
        log.append(
            tx,
            number ->
                new FeedMessage.Status(
                    number, deviceId.value(), "revoked", reason.toString(), certificates));
    List<String> serials = certificates.stream().map(CertificateStatus::serial).toList();
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
                String.join(" ", serials))));
    return new Committed(event, serials);
  }

  /** All that are not past their end, those revoked before included: a repeat tells them again. */
  private static List<CertificateStatus> inForce(Handle tx, DeviceId deviceId, OffsetDateTime now) {
    return tx.createQuery(
            "select issuer, serial, not_after from certificate where device_id = :device"
                + " and state in ('issued', 'reserved', 'revoked') and not_after > :now"
                + " order by reserved_at")
        .bind("device", deviceId.value())
        .bind("now", now)
        .map(
            (row, context) ->
                new CertificateStatus(
                    row.getString("issuer"),
                    row.getString("serial"),
                    deviceId.value(),
                    "revoked",
                    row.getObject("not_after", OffsetDateTime.class).toInstant()))
        .list();
  }
}
