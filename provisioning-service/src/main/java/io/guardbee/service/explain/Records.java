package io.guardbee.service.explain;

import io.guardbee.pki.Serial;
import io.guardbee.service.profile.GrantedName;
import io.guardbee.service.profile.Name;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** What the database knows, for reading only. Thread-safe. */
final class Records {

  private static final int MOST = 20;
  private static final String CERTIFICATE =
      "select device_id, issuer, serial, key_hash, state, way, not_before, not_after, issued_at,"
          + " revoked_at, revocation_reason, ends_at, suspended_at from certificate"
          + " left join device on device.id = device_id where ";

  private final Database database;

  Records(Database database) {
    this.database = database;
  }

  record Device(String id, String profile, String status, @Nullable Suspension suspension) {}

  record Suspension(Instant at, String by, String reason) {}

  record Token(
      String id,
      String profile,
      Instant granted,
      Instant expires,
      @Nullable Instant withdrawn,
      @Nullable Instant used,
      List<Name> names) {

    String state(Instant now) {
      if (used != null) {
        return "used";
      }
      if (withdrawn != null) {
        return "withdrawn";
      }
      return now.isBefore(expires) ? "open" : "expired";
    }
  }

  /**
   * A standing grant, as far as it concerns one device.
   *
   * @param letIn when it let that device in
   */
  record Grant(
      String name,
      String kind,
      @Nullable Instant expires,
      @Nullable Instant withdrawn,
      @Nullable Instant letIn) {

    boolean isOpen(Instant now) {
      return withdrawn == null && (expires == null || now.isBefore(expires));
    }
  }

  record Certificate(
      @Nullable String deviceId,
      String issuer,
      String serial,
      String keyHash,
      String state,
      String way,
      Instant notBefore,
      Instant notAfter,
      @Nullable Instant issued,
      @Nullable Instant revoked,
      @Nullable String revocationReason,
      @Nullable Instant ends,
      @Nullable Instant held) {

    /** Its end, or the earlier one that its successor has set. */
    Instant until() {
      return ends != null && ends.isBefore(notAfter) ? ends : notAfter;
    }

    String state(Instant now) {
      if (!state.equals("issued")) {
        return state;
      }
      if (!now.isBefore(notAfter)) {
        return "expired";
      }
      if (held != null) {
        return "suspended";
      }
      return ends == null ? "active" : "superseded";
    }

    boolean isGood(Instant now) {
      return state.equals("issued") && held == null && now.isBefore(until());
    }
  }

  /**
   * A key on record.
   *
   * @param deviceId null for one that was blocked before any device had it
   */
  record Key(@Nullable String deviceId, @Nullable Instant revoked) {}

  Optional<Device> device(String id) {
    return database.transact(
        tx ->
            tx.createQuery(
                    "select id, profile, status, suspended_at, suspended_by, suspension_reason"
                        + " from device where id = :id")
                .bind("id", id)
                .map((row, context) -> device(row))
                .findOne());
  }

  /** Newest first. */
  List<Token> tokens(String deviceId) {
    return database.transact(
        tx ->
            tx.createQuery(
                    "select t.id, t.profile, t.created_at, t.expires_at, t.voided_at, t.names,"
                        + " (select max(c.reserved_at) from certificate c"
                        + " where c.device_id = t.device_id and c.way = 'token' and c.right_ref ="
                        + " cast(t.id as varchar(128)) and c.state <> 'abandoned') as used_at"
                        + " from enrolment_token t where t.device_id = :device"
                        + " order by t.created_at desc fetch next :most rows only")
                .bind("device", deviceId)
                .bind("most", MOST)
                .map(
                    (row, context) ->
                        new Token(
                            row.getString("id"),
                            row.getString("profile"),
                            Sql.instant(row, "created_at"),
                            Sql.instant(row, "expires_at"),
                            Sql.instantOrNull(row, "voided_at"),
                            Sql.instantOrNull(row, "used_at"),
                            GrantedName.list(row.getString("names"))))
                .list());
  }

  /** Those that name the device, or have let it in. */
  List<Grant> grants(String deviceId) {
    return database.transact(
        tx ->
            tx.createQuery(
                    "select g.name, g.kind, g.expires_at, g.withdrawn_at, u.taken_at"
                        + " from standing_grant g left join grant_use u on u.grant_id = g.id"
                        + " and u.device_id = :device where u.device_id is not null or exists"
                        + " (select 1 from grant_name n where n.grant_id = g.id"
                        + " and n.device_id = :device)"
                        + " order by g.created_at desc fetch next :most rows only")
                .bind("device", deviceId)
                .bind("most", MOST)
                .map(
                    (row, context) ->
                        new Grant(
                            row.getString("name"),
                            row.getString("kind"),
                            Sql.instantOrNull(row, "expires_at"),
                            Sql.instantOrNull(row, "withdrawn_at"),
                            Sql.instantOrNull(row, "taken_at")))
                .list());
  }

  /** Newest first. */
  List<Certificate> certificates(String deviceId) {
    return database.transact(
        tx ->
            query(tx, "device_id = :device and state <> 'abandoned'")
                .bind("device", deviceId)
                .map((row, context) -> certificate(row))
                .list());
  }

  Optional<Certificate> certificate(String issuer, Serial serial) {
    return database.transact(
        tx ->
            query(tx, "issuer = :issuer and serial = :serial")
                .bind("issuer", issuer)
                .bind("serial", serial.toString())
                .map((row, context) -> certificate(row))
                .findOne());
  }

  Optional<Key> key(String hash) {
    return database.transact(
        tx ->
            tx.createQuery("select device_id, revoked_at from device_key where hash = :hash")
                .bind("hash", hash)
                .map(
                    (row, context) ->
                        new Key(row.getString("device_id"), Sql.instantOrNull(row, "revoked_at")))
                .findOne());
  }

  private static Query query(Handle tx, String which) {
    return tx.createQuery(
            CERTIFICATE + which + " order by reserved_at desc fetch next :most rows only")
        .bind("most", MOST);
  }

  private static Certificate certificate(ResultSet row) throws SQLException {
    return new Certificate(
        row.getString("device_id"),
        row.getString("issuer"),
        row.getString("serial"),
        row.getString("key_hash"),
        row.getString("state"),
        row.getString("way"),
        Sql.instant(row, "not_before"),
        Sql.instant(row, "not_after"),
        Sql.instantOrNull(row, "issued_at"),
        Sql.instantOrNull(row, "revoked_at"),
        row.getString("revocation_reason"),
        Sql.instantOrNull(row, "ends_at"),
        Sql.instantOrNull(row, "suspended_at"));
  }

  private static Device device(ResultSet row) throws SQLException {
    Instant suspended = Sql.instantOrNull(row, "suspended_at");
    return new Device(
        row.getString("id"),
        row.getString("profile"),
        row.getString("status"),
        suspended == null
            ? null
            : new Suspension(
                suspended, row.getString("suspended_by"), row.getString("suspension_reason")));
  }
}
