package io.guardbee.service.feed;

import io.guardbee.service.feed.FeedMessage.CertificateStatus;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Every certificate that is not past its end and not to come in, read in pages: each in a
 * transaction of its own, so that neither memory nor a connection is held for as long as a broker
 * reads. Thread-safe.
 */
final class Blocked {

  private final Database database;
  private final Clock clock;

  Blocked(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * A part of the certificates, perhaps an empty one.
   *
   * @param next where the part after it begins; null for the last one
   */
  record Page(List<CertificateStatus> certificates, @Nullable Place next) {}

  /**
   * A place in the order of certificates: first the revoked ones, by issuer and serial, then those
   * of suspended devices, by device.
   *
   * @param after the serial, or the device, before it
   */
  record Place(boolean suspended, String issuer, String after) {

    static final Place FIRST = new Place(false, "", "");
    private static final Place SUSPENDED = new Place(true, "", "");
  }

  /**
   * Some certificates from there on.
   *
   * @param most revoked ones, or suspended devices
   */
  Page page(Place from, int most) {
    return database.transact(
        tx -> from.suspended() ? suspended(tx, from, most) : revoked(tx, from, most));
  }

  private Page revoked(Handle tx, Place from, int most) {
    List<CertificateStatus> found =
        tx.createQuery(
                "select issuer, serial, device_id, not_after, revocation_reason from certificate"
                    + " where state = 'revoked' and issuer = :issuer and serial > :serial"
                    + " and device_id is not null and not_after > :now"
                    + " order by state, issuer, serial fetch next :most rows only")
            .bind("issuer", from.issuer())
            .bind("serial", from.after())
            .bind("now", Sql.utc(clock.instant()))
            .bind("most", most)
            .map(
                (row, context) ->
                    new CertificateStatus(
                        row.getString("issuer"),
                        row.getString("serial"),
                        row.getString("device_id"),
                        status(row.getString("revocation_reason")),
                        Sql.instant(row, "not_after")))
            .list();
    Place next =
        found.size() == most
            ? new Place(false, from.issuer(), found.get(most - 1).serial())
            : issuerAfter(tx, from.issuer())
                .map(issuer -> new Place(false, issuer, ""))
                .orElse(Place.SUSPENDED);
    return new Page(found, next);
  }

  private static Optional<String> issuerAfter(Handle tx, String issuer) {
    return tx.createQuery(
            "select min(issuer) from certificate where state = 'revoked' and issuer > :issuer")
        .bind("issuer", issuer)
        .mapTo(String.class)
        .findOne();
  }

  private static String status(String reason) {
    return reason.equals(FeedMessage.SUPERSEDED) ? FeedMessage.SUPERSEDED : FeedMessage.REVOKED;
  }

  /** One row of a device that has none; its certificates' columns are null then. */
  private record Row(String device, @Nullable CertificateStatus certificate) {}

  private Page suspended(Handle tx, Place from, int most) {
    List<Row> rows =
        tx.createQuery(
                "select d.id, c.issuer, c.serial, c.not_after from (select id from device"
                    + " where suspended_at is not null and id > :after"
                    + " order by id fetch next :most rows only) d left join certificate c"
                    + " on c.device_id = d.id and c.state = 'issued' and c.not_after > :now"
                    + " order by d.id, c.serial")
            .bind("after", from.after())
            .bind("most", most)
            .bind("now", Sql.utc(clock.instant()))
            .map(
                (row, context) ->
                    new Row(
                        row.getString("id"),
                        row.getString("serial") == null
                            ? null
                            : new CertificateStatus(
                                row.getString("issuer"),
                                row.getString("serial"),
                                row.getString("id"),
                                FeedMessage.SUSPENDED,
                                Sql.instant(row, "not_after"))))
            .list();
    TreeSet<String> devices = new TreeSet<>();
    List<CertificateStatus> found = new ArrayList<>();
    for (Row row : rows) {
      devices.add(row.device());
      if (row.certificate() != null) {
        found.add(row.certificate());
      }
    }
    return new Page(
        found,
        devices.size() < most ? null : new Place(true, "", rows.get(rows.size() - 1).device()));
  }
}
