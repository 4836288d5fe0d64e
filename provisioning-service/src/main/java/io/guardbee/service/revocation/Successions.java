package io.guardbee.service.revocation;

import io.guardbee.pki.DeviceId;
import io.guardbee.service.audit.Action;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.audit.Audit;
import io.guardbee.service.audit.Entry;
import io.guardbee.service.device.Devices;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.feed.FeedMessage;
import io.guardbee.service.feed.FeedMessage.CertificateStatus;
import io.guardbee.service.feed.StatusFeed;
import io.guardbee.service.schedule.PeriodicTask;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * Ends certificates whose successor was issued and whose overlap is over: revoked as {@code
 * superseded}, and every broker told. Their keys stay good: a renewal may keep its key. Any number
 * of replicas may do so side by side.
 */
public final class Successions implements AutoCloseable {

  private static final PeriodicTask.Settings SETTINGS =
      new PeriodicTask.Settings(
          "successions", Duration.ofSeconds(1), "superseded certificates are ended later");
  private static final int DEVICES_AT_ONCE = 500;

  /** Brokers refuse what is past its own end; their clocks may be behind. */
  private static final Duration CLOCKS = Duration.ofDays(1);

  private final Database database;
  private final EventLog log;
  private final StatusFeed feed;
  private final Clock clock;
  private final PeriodicTask task;

  /** Looks every second from now on. */
  public Successions(Database database, EventLog log, StatusFeed feed, Clock clock) {
    this.database = database;
    this.log = log;
    this.feed = feed;
    this.clock = clock;
    this.task = PeriodicTask.start(SETTINGS, this::endDue);
  }

  private void endDue() {
    for (String device : due()) {
      database
          .transact(tx -> end(tx, new DeviceId(device), clock.instant()))
          .ifPresent(feed::published);
    }
  }

  private List<String> due() {
    return database.transact(
        tx ->
            tx.createQuery(
                    "select distinct device_id from certificate"
                        + " where ends_at <= :now and state = 'issued'"
                        + " and device_id is not null limit :limit")
                .bind("now", Sql.utc(clock.instant()))
                .bind("limit", DEVICES_AT_ONCE)
                .mapTo(String.class)
                .list());
  }

  /** The event that tells of it; none when another replica came first. */
  private OptionalLong end(Handle tx, DeviceId device, Instant now) {
    Devices.lock(tx, device);
    List<CertificateStatus> ended =
        tx.createQuery(
                "select issuer, serial, not_after from certificate where device_id = :device"
                    + " and ends_at <= :now and state = 'issued'")
            .bind("device", device.value())
            .bind("now", Sql.utc(now))
            .map(
                (row, context) ->
                    new CertificateStatus(
                        row.getString("issuer"),
                        row.getString("serial"),
                        device.value(),
                        FeedMessage.SUPERSEDED,
                        Sql.instant(row, "not_after")))
            .list();
    if (ended.isEmpty()) {
      return OptionalLong.empty();
    }
    tx.execute(
        "update certificate set state = 'revoked', revoked_at = ?, revocation_reason = ?"
            + " where device_id = ? and ends_at <= ? and state = 'issued'",
        Sql.utc(now),
        RevocationReason.SUPERSEDED.toString(),
        device.value(),
        Sql.utc(now));
    String serials = ended.stream().map(CertificateStatus::serial).collect(Collectors.joining(" "));
    Audit.record(
        tx,
        Entry.of(
            now,
            Action.CERTIFICATE_SUPERSEDED,
            Actor.SERVICE,
            "device:" + device,
            Map.of("serials", serials)));
    return tell(tx, device, ended, now);
  }

  private OptionalLong tell(
      Handle tx, DeviceId device, List<CertificateStatus> ended, Instant now) {
    List<CertificateStatus> told =
        ended.stream().filter(one -> one.until().isAfter(now.minus(CLOCKS))).toList();
    return told.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(
            log.append(
                tx,
                number ->
                    new FeedMessage.Status(
                        number,
                        device.value(),
                        FeedMessage.SUPERSEDED,
                        RevocationReason.SUPERSEDED.toString(),
                        told)));
  }

  @Override
  public void close() {
    task.close();
  }
}
