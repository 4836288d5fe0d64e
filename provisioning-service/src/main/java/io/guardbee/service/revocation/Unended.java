package io.guardbee.service.revocation;

import io.guardbee.pki.DeviceId;
import io.guardbee.service.feed.FeedMessage.CertificateStatus;
import io.guardbee.service.store.Sql;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** The certificates of a device that are not past their end, as the feed tells of them. */
final class Unended {

  private Unended() {}

  /**
   * Reads them, oldest first.
   *
   * @param states in the record
   * @param status that the feed is to tell of them
   */
  static List<CertificateStatus> of(
      Handle tx, DeviceId deviceId, List<String> states, String status, Instant now) {
    return tx.createQuery(
            "select issuer, serial, not_after, subject from certificate where device_id = :device"
                + " and state in (<states>) and not_after > :now order by reserved_at")
        .bindList("states", states)
        .bind("device", deviceId.value())
        .bind("now", Sql.utc(now))
        .map(
            (row, context) ->
                new CertificateStatus(
                    row.getString("issuer"),
                    row.getString("serial"),
                    deviceId.value(),
                    status,
                    Sql.instant(row, "not_after"),
                    row.getString("subject")))
        .list();
  }
}
