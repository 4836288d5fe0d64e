package io.guardbee.service.revocation;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.service.store.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Finds and changes single certificates on record, and records those that are not. Belongs to one
 * transaction. Rows of devices are locked before those of their certificates, as everywhere.
 */
final class CertificateRows {

  /** The way of a certificate of which it is not known by what right it was issued. */
  static final String UNRECORDED = "unrecorded";

  private static final String COLUMNS =
      "select issuer, serial, device_id, key_hash, not_after from certificate where ";

  private final Handle tx;
  private final Instant now;

  CertificateRows(Handle tx, Instant now) {
    this.tx = tx;
    this.now = now;
  }

  /**
   * A certificate on record.
   *
   * @param device null for servers, operators, brokers, and where only a serial is known
   * @param keyHash empty where only a serial is known
   */
  record Row(
      String issuer, String serial, @Nullable String device, String keyHash, Instant notAfter) {}

  Optional<Row> find(String issuer, String serial) {
    return tx.createQuery(COLUMNS + "issuer = :issuer and serial = :serial")
        .bind("issuer", issuer)
        .bind("serial", serial)
        .map((row, context) -> row(row))
        .findOne();
  }

  /**
   * Those with that key that are not past their end. A key is one device's, or of the few that
   * servers, operators and brokers have: two reads by an index, since there is none by key.
   */
  List<Row> withKey(String keyHash) {
    List<Row> all = new ArrayList<>();
    all.addAll(
        withKey(keyHash, "device_id = (select k.device_id from device_key k where k.hash = :key)"));
    all.addAll(withKey(keyHash, "issuer = '" + Identity.OPERATIONS + "' and device_id is null"));
    return all;
  }

  private List<Row> withKey(String keyHash, String holder) {
    return tx.createQuery(
            COLUMNS
                + holder
                + " and key_hash = :key and not_after > :now and state <> 'abandoned'"
                + " order by reserved_at")
        .bind("key", keyHash)
        .bind("now", Sql.utc(now))
        .map((row, context) -> row(row))
        .list();
  }

  private static Row row(ResultSet row) throws SQLException {
    return new Row(
        row.getString("issuer"),
        row.getString("serial"),
        row.getString("device_id"),
        row.getString("key_hash"),
        Sql.instant(row, "not_after"));
  }

  /** Makes all that changes these devices wait; false when there is no such device. */
  boolean lockDevices(Collection<String> devices) {
    return !devices.isEmpty()
        && tx.createQuery("select id from device where id in (<ids>) order by id for update")
                .bindList("ids", List.copyOf(devices))
                .mapTo(String.class)
                .list()
                .size()
            == devices.size();
  }

  void lockDevicesOf(List<Row> rows) {
    boolean unused =
        lockDevices(rows.stream().map(Row::device).filter(Objects::nonNull).distinct().toList());
  }

  /** Whether the device with that key is on record; its row is locked then. */
  void lockDeviceOfKey(String keyHash) {
    tx.createQuery(
            "select id from device where id = (select device_id from device_key where hash = :key)"
                + " for update")
        .bind("key", keyHash)
        .mapTo(String.class)
        .list();
  }

  /**
   * Records one whose signature was verified.
   *
   * @param state {@code issued} or {@code revoked}
   */
  Row record(IssuedCertificate one, String way, String state) {
    one.device().ifPresent(device -> recordDevice(device, one, state));
    tx.createUpdate(
            "insert into certificate (issuer, serial, device_id, subject, key_hash, state, way,"
                + " not_before, not_after, reserved_at, issued_at, der) values (:issuer, :serial,"
                + " :device, :subject, :key, :state, :way, :notBefore, :notAfter, :reserved,"
                + " :reserved, :der)")
        .bind("issuer", one.issuer())
        .bind("serial", one.serial())
        .bind("device", one.device().map(DeviceId::value).orElse(null))
        .bind("subject", one.subject())
        .bind("key", one.keyHash())
        .bind("state", state)
        .bind("way", way)
        .bind("notBefore", Sql.utc(one.notBefore()))
        .bind("notAfter", Sql.utc(one.notAfter()))
        .bind("reserved", Sql.utc(one.notBefore()))
        .bind("der", one.der())
        .execute();
    return find(one.issuer(), one.serial()).orElseThrow();
  }

  /** One that is known by a revoked certificate alone needs a grant before it enrols again. */
  private void recordDevice(DeviceId device, IssuedCertificate one, String state) {
    if (!lockDevices(List.of(device.value()))) {
      tx.execute(
          "insert into device (id, profile, status, created_at) values (?, ?, ?, ?)",
          device.value(),
          one.profile(),
          state.equals("revoked") ? "revoked" : "active",
          Sql.utc(now));
    }
    if (!isKeyKnown(one.keyHash())) {
      tx.execute(
          "insert into device_key (hash, device_id) values (?, ?)", one.keyHash(), device.value());
    }
  }

  /** Records one of which nothing else is known; it may end with its authority. */
  Row record(String issuer, Serial serial, Instant notAfter) {
    tx.createUpdate(
            "insert into certificate (issuer, serial, subject, key_hash, state, way, not_before,"
                + " not_after, reserved_at) values (:issuer, :serial, '', '', 'reserved', :way,"
                + " :now, :notAfter, :now)")
        .bind("issuer", issuer)
        .bind("serial", serial.toString())
        .bind("way", UNRECORDED)
        .bind("now", Sql.utc(now))
        .bind("notAfter", Sql.utc(notAfter))
        .execute();
    return find(issuer, serial.toString()).orElseThrow();
  }

  /** Whose issue was under way in the backup. */
  void complete(IssuedCertificate one) {
    tx.execute(
        "update certificate set state = 'issued', der = ?, issued_at = ?"
            + " where issuer = ? and serial = ? and state in ('reserved', 'abandoned')",
        one.der(),
        Sql.utc(one.notBefore()),
        one.issuer(),
        one.serial());
  }

  /**
   * Its device has it from now on: as the newest one, and in use, as all those are of which nothing
   * is known.
   */
  void activate(DeviceId device, IssuedCertificate one) {
    tx.execute(
        "update certificate set first_used_at = coalesce(first_used_at, ?), issue_number ="
            + " (select coalesce(max(o.issue_number), 0) + 1 from certificate o"
            + " where o.device_id = certificate.device_id)"
            + " where issuer = ? and serial = ? and issue_number is null",
        Sql.utc(now),
        one.issuer(),
        one.serial());
    tx.execute(
        "update device set status = 'active' where id = ? and status = 'granted'", device.value());
  }

  /** The state on record; empty for none. */
  String state(String issuer, String serial) {
    return tx.createQuery(
            "select state from certificate where issuer = :issuer and serial = :serial for update")
        .bind("issuer", issuer)
        .bind("serial", serial)
        .mapTo(String.class)
        .findOne()
        .orElse("");
  }

  /**
   * Requires that a key may be that device's.
   *
   * @throws RefusedException {@code KEY_REVOKED}, {@code KEY_BOUND_TO_OTHER_DEVICE}
   */
  void requireKeyOf(DeviceId device, String hash) {
    tx.createQuery("select device_id, revoked_at from device_key where hash = :hash")
        .bind("hash", hash)
        .map(
            (row, context) ->
                row.getObject("revoked_at") != null
                    ? Optional.of(Reason.KEY_REVOKED)
                    : device.value().equals(row.getString("device_id"))
                        ? Optional.<Reason>empty()
                        : Optional.of(Reason.KEY_BOUND_TO_OTHER_DEVICE))
        .findOne()
        .flatMap(fault -> fault)
        .ifPresent(
            fault -> {
              throw new RefusedException(
                  fault,
                  "key sha256:" + hash + " of the certificate for " + device + " is not to be used",
                  "revoke the certificate and let the device enrol with a new key");
            });
  }

  /** Whatever its state: one that is being signed at this moment is not handed out. */
  void revoke(Row row, RevocationReason reason) {
    tx.execute(
        "update certificate set state = 'revoked', revoked_at = ?, revocation_reason = ?"
            + " where issuer = ? and serial = ? and (revoked_at is null"
            + " or revocation_reason = 'superseded')",
        Sql.utc(now),
        reason.toString(),
        row.issuer(),
        row.serial());
  }

  private boolean isKeyKnown(String hash) {
    return tx.createQuery("select 1 from device_key where hash = :hash")
        .bind("hash", hash)
        .mapTo(Integer.class)
        .findOne()
        .isPresent();
  }

  /** From now on no certificate is issued for it. */
  void block(String keyHash) {
    if (isKeyKnown(keyHash)) {
      tx.execute(
          "update device_key set revoked_at = ? where hash = ? and revoked_at is null",
          Sql.utc(now),
          keyHash);
    } else {
      tx.execute("insert into device_key (hash, revoked_at) values (?, ?)", keyHash, Sql.utc(now));
    }
  }
}
