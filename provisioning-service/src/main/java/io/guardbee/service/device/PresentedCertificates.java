package io.guardbee.service.device;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/**
 * Whether certificates that callers present are on record and in force; records the first time that
 * each is accepted. Thread-safe.
 */
final class PresentedCertificates {

  private static final String SUPERSEDED = "superseded";

  private final Database database;
  private final Clock clock;

  PresentedCertificates(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * @param device whose it is; null for this installation's own
   * @param ends when it ends because of its successor
   */
  private record Row(
      String issuer,
      String serial,
      String state,
      @Nullable String device,
      boolean suspended,
      @Nullable String reason,
      @Nullable Instant ends,
      boolean used) {

    boolean isSuperseded(Instant now) {
      return state.equals("issued")
          ? ends != null && !now.isBefore(ends)
          : SUPERSEDED.equals(reason);
    }
  }

  /** As {@link Devices#requireGood}. */
  void requireGood(String issuer, Serial serial) {
    Row row = row(issuer, serial);
    if (row.isSuperseded(clock.instant())) {
      throw superseded(row);
    }
    requireOthers(row, serial);
    if (row.device() != null && !row.used() && !use(row)) {
      requireGood(issuer, serial); // it changed meanwhile, and not back
    }
  }

  /** As {@link Devices#isGoodOrSuperseded}. */
  boolean isGoodOrSuperseded(String issuer, Serial serial) {
    Row row = row(issuer, serial);
    if (!row.isSuperseded(clock.instant())) {
      requireGood(issuer, serial);
      return true;
    }
    if (row.suspended()) {
      throw Devices.suspended(new DeviceId(String.valueOf(row.device())));
    }
    return false;
  }

  private static void requireOthers(Row row, Serial serial) {
    if (!row.state().equals("issued")) {
      throw new RefusedException(
          Reason.CERTIFICATE_REVOKED,
          "certificate " + serial + " is revoked",
          "ask the operator for a new grant");
    }
    if (row.suspended()) {
      throw Devices.suspended(new DeviceId(String.valueOf(row.device())));
    }
  }

  private Row row(String issuer, Serial serial) {
    return database
        .<Optional<Row>>transact(
            tx ->
                tx.createQuery(
                        "select c.issuer, c.serial, c.state, c.device_id, c.revocation_reason,"
                            + " c.ends_at, c.first_used_at, d.suspended_at from certificate c"
                            + " left join device d on d.id = c.device_id"
                            + " where c.issuer = :issuer and c.serial = :serial")
                    .bind("issuer", issuer)
                    .bind("serial", serial.toString())
                    .map((found, context) -> row(found))
                    .findOne())
        .orElseThrow(() -> unknown(serial));
  }

  private RefusedException unknown(Serial serial) {
    boolean restored =
        database.transact(
            tx ->
                tx.createQuery("select count(*) from restore_window where ends_at > :now")
                        .bind("now", Sql.utc(clock.instant()))
                        .mapTo(Integer.class)
                        .one()
                    > 0);
    return restored
        ? new RefusedException(
            Reason.CERTIFICATE_UNCONFIRMED,
            "certificate " + serial + " is not on record here since a backup was put back",
            "ask the operator to adopt it: guardbee restore reconcile; or enrol again")
        : new RefusedException(
            Reason.CERTIFICATE_UNKNOWN,
            "certificate " + serial + " is not on record here",
            "enrol again: ask the operator for a grant");
  }

  private static Row row(ResultSet row) throws SQLException {
    return new Row(
        row.getString("issuer"),
        row.getString("serial"),
        row.getString("state"),
        row.getString("device_id"),
        row.getObject("suspended_at") != null,
        row.getString("revocation_reason"),
        Sql.instantOrNull(row, "ends_at"),
        row.getObject("first_used_at") != null);
  }

  private boolean use(Row row) {
    return database.transact(
        tx ->
            tx.execute(
                    "update certificate set first_used_at = coalesce(first_used_at, ?)"
                        + " where issuer = ? and serial = ? and state = 'issued'"
                        + " and (ends_at is null or ends_at > ?)",
                    Sql.utc(clock.instant()),
                    row.issuer(),
                    row.serial(),
                    Sql.utc(clock.instant()))
                > 0);
  }

  private RefusedException superseded(Row row) {
    String device = row.device();
    return device == null ? supersededRole(row) : superseded(row, device);
  }

  /** An operator's or a broker's. */
  private static RefusedException supersededRole(Row row) {
    return new RefusedException(
        Reason.CERTIFICATE_SUPERSEDED,
        "certificate " + row.serial() + " ended: its successor was issued",
        "use its successor; on the service's machine the operator's is operator/operator.pem in the"
            + " home");
  }

  private RefusedException superseded(Row row, String device) {
    String newest =
        database
            .<Optional<String>>transact(
                tx ->
                    tx.createQuery(
                            "select serial from certificate where device_id = :device"
                                + " and issuer = :issuer and state = 'issued'"
                                + " order by issue_number desc fetch first 1 rows only")
                        .bind("device", device)
                        .bind("issuer", row.issuer())
                        .mapTo(String.class)
                        .findOne())
            .map(serial -> "use certificate " + serial + "; if its key is lost ")
            .orElse("");
    return new RefusedException(
        Reason.CERTIFICATE_SUPERSEDED,
        "certificate " + row.serial() + " of " + device + " ended: its successor was issued",
        newest + "ask the operator: guardbee device grant " + device);
  }

  /** As {@link Devices#used}. */
  List<Devices.Use> used(Collection<Devices.Use> uses) {
    List<Devices.Use> late = new ArrayList<>();
    uses.stream()
        .collect(Collectors.groupingBy(Devices.Use::issuer))
        .forEach((issuer, some) -> late.addAll(database.transact(tx -> use(tx, issuer, some))));
    return late;
  }

  /** As {@link Devices#endedUnused}. */
  List<Devices.Use> endedUnused(Collection<Devices.Use> uses) {
    List<Devices.Use> ended = new ArrayList<>();
    uses.stream()
        .collect(
            Collectors.groupingBy(
                Devices.Use::issuer, Collectors.mapping(Devices.Use::serial, Collectors.toList())))
        .forEach(
            (issuer, serials) ->
                database.transact(tx -> unused(tx, issuer, serials)).stream()
                    .filter(row -> row.isSuperseded(clock.instant()))
                    .forEach(row -> ended.add(new Devices.Use(issuer, row.serial()))));
    return ended;
  }

  /** Devices first, in the order in which everyone locks them. */
  private List<Devices.Use> use(Handle tx, String issuer, List<Devices.Use> uses) {
    List<Row> unused = unused(tx, issuer, uses.stream().map(Devices.Use::serial).toList());
    if (unused.isEmpty()) {
      return List.of();
    }
    tx.createQuery("select id from device where id in (<ids>) order by id for update")
        .bindList("ids", unused.stream().map(Row::device).distinct().toList())
        .mapTo(String.class)
        .list();
    Instant now = clock.instant();
    PreparedBatch rows =
        tx.prepareBatch(
            "update certificate set first_used_at = ? where issuer = ? and serial = ?"
                + " and state = 'issued' and (ends_at is null or ends_at > ?)");
    unused.forEach(row -> rows.add(Sql.utc(now), issuer, row.serial(), Sql.utc(now)));
    int[] updated = rows.execute();
    List<Devices.Use> late = new ArrayList<>();
    for (int i = 0; i < updated.length; i++) {
      if (updated[i] == 0) {
        late.add(new Devices.Use(issuer, unused.get(i).serial()));
      }
    }
    return late;
  }

  private static List<Row> unused(Handle tx, String issuer, List<String> serials) {
    return tx.createQuery(
            "select issuer, serial, state, device_id, revocation_reason, ends_at, first_used_at,"
                + " null as suspended_at from certificate where issuer = :issuer"
                + " and serial in (<serials>) and first_used_at is null and device_id is not null")
        .bind("issuer", issuer)
        .bindList("serials", serials)
        .map((row, context) -> row(row))
        .list();
  }
}
