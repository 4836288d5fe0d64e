package io.guardbee.service.grant;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.store.Sql;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** A standing grant whose row is locked until the end of the transaction, found open. */
final class LockedGrant {

  /**
   * What was taken longer ago than this, and has no certificate, has none in this transaction
   * either.
   */
  private static final Duration SETTLED = Duration.ofMinutes(1);

  private final Handle tx;
  private final UUID id;
  private final Instant now;
  private final Row row;

  private record Row(
      String name,
      String kind,
      boolean anyName,
      boolean mayReplace,
      @Nullable Integer budget,
      @Nullable Instant withdrawn,
      @Nullable Instant until) {}

  private LockedGrant(Handle tx, UUID id, Instant now, Row row) {
    this.tx = tx;
    this.id = id;
    this.now = now;
    this.row = row;
  }

  /**
   * Locks it.
   *
   * @throws RefusedException {@link Reason#GRANT_EXPIRED}
   */
  static LockedGrant open(Handle tx, UUID id, Instant now) {
    Row row =
        tx.createQuery(
                "select name, kind, any_name, may_replace, budget, withdrawn_at, expires_at"
                    + " from standing_grant where id = :id for update")
            .bind("id", id)
            .map(
                (found, context) ->
                    new Row(
                        found.getString("name"),
                        found.getString("kind"),
                        found.getBoolean("any_name"),
                        found.getBoolean("may_replace"),
                        GrantRows.number(found, "budget"),
                        Sql.instantOrNull(found, "withdrawn_at"),
                        Sql.instantOrNull(found, "expires_at")))
            .one();
    if (row.withdrawn() != null || (row.until() != null && !now.isBefore(row.until()))) {
      throw StandingGrant.ended(row.name(), row.withdrawn(), row.until());
    }
    return new LockedGrant(tx, id, now, row);
  }

  static boolean isOnList(Handle tx, UUID grant, DeviceId name) {
    return tx.createQuery("select 1 from grant_name where grant_id = :grant and device_id = :name")
        .bind("grant", grant)
        .bind("name", name.value())
        .mapTo(Integer.class)
        .findOne()
        .isPresent();
  }

  /**
   * Refuses a name that it does not give.
   *
   * @throws RefusedException {@link Reason#NAME_NOT_GRANTED}
   */
  void requireName(DeviceId name) {
    if (!row.anyName() && !isOnList(tx, id, name)) {
      throw notOnList(row.name(), name);
    }
  }

  /**
   * Refuses a device that had a certificate, whether it has ended or not, unless the grant says
   * that such a device may be enrolled again.
   *
   * @throws RefusedException {@link Reason#DEVICE_EXISTS}
   */
  void requireNewDevice(DeviceId device) {
    if (!row.mayReplace() && Birth.hasCertificate(tx, device)) {
      throw new RefusedException(
          Reason.DEVICE_EXISTS,
          "device " + device + " had a certificate, and grant " + row.name() + " is for new ones",
          "ask the operator for a token: guardbee device grant "
              + device
              + "; or for a grant made with --may-replace");
    }
  }

  static RefusedException notOnList(String grant, DeviceId name) {
    return new RefusedException(
        Reason.NAME_NOT_GRANTED,
        "device id " + name + " is not on the list of grant " + grant,
        "ask the operator to add it: guardbee grant allow " + grant + " FILE");
  }

  /**
   * Refuses one device too many. A device that was let in before needs no second place.
   *
   * @throws RefusedException {@link Reason#GRANT_EXHAUSTED}
   */
  void requireRoom(DeviceId device) {
    Integer budget = row.budget();
    if (budget == null || hasPlace(device) || used() < budget) {
      return;
    }
    giveBackVoidPlaces();
    if (used() >= budget) {
      throw new RefusedException(
          Reason.GRANT_EXHAUSTED,
          "grant " + row.name() + " has let in all of its " + budget + " devices",
          "ask the operator for another grant: guardbee grant --help");
    }
  }

  /** Takes a place for that device. */
  void use(DeviceId device) {
    int there =
        tx.execute(
            "update grant_use set taken_at = ? where grant_id = ? and device_id = ?",
            Sql.utc(now),
            id,
            device.value());
    if (there == 0) {
      tx.execute(
          "insert into grant_use (grant_id, device_id, taken_at) values (?, ?, ?)",
          id,
          device.value(),
          Sql.utc(now));
      tx.execute("update standing_grant set used = used + 1 where id = ?", id);
    }
  }

  private boolean hasPlace(DeviceId device) {
    return tx.createQuery("select 1 from grant_use where grant_id = :grant and device_id = :device")
        .bind("grant", id)
        .bind("device", device.value())
        .mapTo(Integer.class)
        .findOne()
        .isPresent();
  }

  private int used() {
    return tx.createQuery("select used from standing_grant where id = :id")
        .bind("id", id)
        .mapTo(Integer.class)
        .one();
  }

  /** Found by the abandoned certificates, which are few, and not by all the places. */
  private void giveBackVoidPlaces() {
    List<String> unserved =
        tx.createQuery(
                "select distinct u.device_id from certificate c"
                    + " join grant_use u on u.device_id = c.device_id"
                    + " where c.state = 'abandoned' and u.grant_id = :grant"
                    + " and u.taken_at < :settled and not exists (select 1 from certificate o"
                    + " where o.device_id = u.device_id and o.way = :kind"
                    + " and o.state <> 'abandoned')")
            .bind("grant", id)
            .bind("kind", row.kind())
            .bind("settled", Sql.utc(now.minus(SETTLED)))
            .mapTo(String.class)
            .list();
    if (unserved.isEmpty()) {
      return;
    }
    for (String device : unserved) {
      tx.execute("delete from grant_use where grant_id = ? and device_id = ?", id, device);
    }
    tx.execute("update standing_grant set used = used - ? where id = ?", unserved.size(), id);
  }
}
