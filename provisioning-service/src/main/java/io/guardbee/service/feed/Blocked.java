package io.guardbee.service.feed;

import io.guardbee.service.authority.AuthorityFiles;
import io.guardbee.service.feed.FeedMessage.CertificateStatus;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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
   * of suspended devices, by the time of their suspension.
   *
   * @param issuer empty before the first, and among the suspended
   * @param after the serial, or the device, before it
   * @param since the suspension of that device; null among the revoked
   */
  record Place(String issuer, String after, @Nullable Instant since) {

    static final Place FIRST = new Place("", "", null);
    private static final Place SUSPENDED = new Place("", "", Instant.EPOCH);
  }

  /**
   * Some certificates from there on.
   *
   * @param most revoked ones, or suspended devices
   */
  Page page(Place from, int most) {
    return database.transact(
        tx -> {
          Instant since = from.since();
          return since == null ? revoked(tx, from, most) : suspended(tx, since, from.after(), most);
        });
  }

  private Page revoked(Handle tx, Place from, int most) {
    List<CertificateStatus> found =
        tx.createQuery(
                "select issuer, serial, device_id, not_after, revocation_reason from certificate"
                    + " where state = 'revoked' and issuer = :issuer and serial > :serial"
                    + " and (device_id is not null or way = 'unrecorded') and not_after > :now"
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
                        Objects.requireNonNullElse(row.getString("device_id"), ""),
                        status(row.getString("revocation_reason")),
                        Sql.instant(row, "not_after")))
            .list();
    Place next =
        found.size() == most
            ? new Place(from.issuer(), found.get(most - 1).serial(), null)
            : issuerAfter(from.issuer())
                .map(issuer -> new Place(issuer, "", null))
                .orElse(Place.SUSPENDED);
    return new Page(found, next);
  }

  /** To ask the database for the next one would cost it a look at all of this one's. */
  private static Optional<String> issuerAfter(String issuer) {
    return AuthorityFiles.ROLES.stream()
        .skip(AuthorityFiles.ROLES.indexOf(issuer) + 1L)
        .findFirst();
  }

  private static String status(String reason) {
    return reason.equals(FeedMessage.SUPERSEDED) ? FeedMessage.SUPERSEDED : FeedMessage.REVOKED;
  }

  /**
   * A suspended device and one of its certificates.
   *
   * @param certificate null when it has none
   */
  private record Row(String device, Instant since, @Nullable CertificateStatus certificate) {}

  private Page suspended(Handle tx, Instant since, String after, int most) {
    List<Row> rows =
        tx.createQuery(
                "select d.id, d.suspended_at, c.issuer, c.serial, c.not_after from (select id,"
                    + " suspended_at from device where suspended_at >= :since"
                    + " and (suspended_at > :since or id > :after)"
                    + " order by suspended_at, id fetch next :most rows only) d"
                    + " left join certificate c on c.device_id = d.id and c.state = 'issued'"
                    + " and c.not_after > :now order by d.suspended_at, d.id, c.serial")
            .bind("since", Sql.utc(since))
            .bind("after", after)
            .bind("most", most)
            .bind("now", Sql.utc(clock.instant()))
            .map((row, context) -> row(row))
            .list();
    List<CertificateStatus> found =
        rows.stream().map(Row::certificate).filter(Objects::nonNull).toList();
    if (rows.stream().map(Row::device).distinct().count() < most) {
      return new Page(found, null);
    }
    Row last = rows.get(rows.size() - 1);
    return new Page(found, new Place("", last.device(), last.since()));
  }

  private static Row row(ResultSet row) throws SQLException {
    String device = row.getString("id");
    String serial = row.getString("serial");
    return new Row(
        device,
        Sql.instant(row, "suspended_at"),
        serial == null
            ? null
            : new CertificateStatus(
                row.getString("issuer"),
                serial,
                device,
                FeedMessage.SUSPENDED,
                Sql.instant(row, "not_after")));
  }
}
