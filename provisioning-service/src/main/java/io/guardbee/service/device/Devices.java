package io.guardbee.service.device;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.KeyClaim;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.service.store.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The registry: which devices there are, and what was issued to them. Thread-safe. */
public final class Devices {

  private final Database database;
  private final Clock clock;

  public Devices(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /** A device as callers see it. */
  public record Device(
      String deviceId, String profile, String status, List<Certificate> certificates) {}

  /**
   * A certificate as callers see it.
   *
   * @param status {@code active}, {@code revoked} or {@code expired}
   * @param claim what the device said of its key, proven by nobody
   */
  public record Certificate(
      String serial,
      String issuer,
      String status,
      Instant notBefore,
      Instant notAfter,
      @Nullable Instant revokedAt,
      @Nullable String reason,
      @Nullable KeyClaim claim) {}

  /**
   * Looks one up.
   *
   * @throws RefusedException {@link Reason#DEVICE_UNKNOWN}
   */
  public Device find(DeviceId deviceId) {
    return read("d.id = :from", deviceId.value(), 1).stream()
        .findFirst()
        .orElseThrow(() -> unknown(deviceId));
  }

  /**
   * Lists in the order of ids.
   *
   * @param after the last id of the page before; empty for the first page
   */
  public List<Device> list(String after, int limit) {
    return read("d.id > :from", after, limit);
  }

  /** The profile that a device was granted or enrolled with, if it is known. */
  public Optional<String> profileOf(DeviceId deviceId) {
    return database.transact(
        tx ->
            tx.createQuery("select profile from device where id = :id")
                .bind("id", deviceId.value())
                .mapTo(String.class)
                .findOne());
  }

  /**
   * Makes all that changes this device wait for the end of the transaction.
   *
   * @throws RefusedException {@link Reason#DEVICE_UNKNOWN}
   */
  public static void lock(Handle tx, DeviceId deviceId) {
    Optional<String> locked =
        tx.createQuery("select id from device where id = :id for update")
            .bind("id", deviceId.value())
            .mapTo(String.class)
            .findOne();
    if (locked.isEmpty()) {
      throw unknown(deviceId);
    }
  }

  /** Makes a device known that someone entitled vouches for. Does nothing if it is. */
  public void register(DeviceId deviceId, String profile) {
    database.transact(
        tx -> {
          boolean known =
              tx.createQuery("select 1 from device where id = :id")
                  .bind("id", deviceId.value())
                  .mapTo(Integer.class)
                  .findOne()
                  .isPresent();
          return known
              ? 0
              : tx.execute(
                  "insert into device (id, profile, status, created_at)"
                      + " values (?, ?, 'granted', ?)",
                  deviceId.value(),
                  profile,
                  clock.instant().atOffset(ZoneOffset.UTC));
        });
  }

  /**
   * Whether this certificate is on record and in force.
   *
   * @throws RefusedException {@link Reason#CERTIFICATE_REVOKED}, {@link Reason#CERTIFICATE_UNKNOWN}
   */
  public void requireGood(String issuer, Serial serial) {
    Optional<String> state =
        database.transact(
            tx ->
                tx.createQuery(
                        "select state from certificate where issuer = :issuer and serial = :serial")
                    .bind("issuer", issuer)
                    .bind("serial", serial.toString())
                    .mapTo(String.class)
                    .findOne());
    if (state.isEmpty()) {
      throw new RefusedException(
          Reason.CERTIFICATE_UNKNOWN,
          "certificate " + serial + " is not on record here",
          "enrol again: ask the operator for a grant");
    }
    if (!state.get().equals("issued")) {
      throw new RefusedException(
          Reason.CERTIFICATE_REVOKED,
          "certificate " + serial + " is revoked",
          "ask the operator for a new grant");
    }
  }

  private List<Device> read(String which, String from, int limit) {
    return database.transact(
        tx -> {
          Map<String, Device> found = new LinkedHashMap<>();
          tx.createQuery(
                  "select d.id, d.profile, d.status, c.serial, c.issuer, c.state, c.not_before,"
                      + " c.not_after, c.revoked_at, c.revocation_reason, c.key_claim from"
                      + " (select * from device d where "
                      + which
                      + " order by d.id limit :limit) d left join certificate c"
                      + " on c.device_id = d.id and c.state in ('issued', 'revoked')"
                      + " order by d.id, c.reserved_at")
              .bind("from", from)
              .bind("limit", limit)
              .map((row, context) -> collect(row, found))
              .list();
          return List.copyOf(found.values());
        });
  }

  private Device collect(ResultSet row, Map<String, Device> found) throws SQLException {
    String id = row.getString("id");
    Device device = found.get(id);
    if (device == null) {
      device = new Device(id, row.getString("profile"), row.getString("status"), new ArrayList<>());
      found.put(id, device);
    }
    if (row.getString("serial") != null) {
      device.certificates().add(certificate(row));
    }
    return device;
  }

  private Certificate certificate(ResultSet row) throws SQLException {
    Instant notAfter = row.getObject("not_after", OffsetDateTime.class).toInstant();
    OffsetDateTime revokedAt = row.getObject("revoked_at", OffsetDateTime.class);
    String claim = row.getString("key_claim");
    String status =
        row.getString("state").equals("revoked")
            ? "revoked"
            : clock.instant().isAfter(notAfter) ? "expired" : "active";
    return new Certificate(
        row.getString("serial"),
        row.getString("issuer"),
        status,
        row.getObject("not_before", OffsetDateTime.class).toInstant(),
        notAfter,
        revokedAt == null ? null : revokedAt.toInstant(),
        row.getString("revocation_reason"),
        claim == null ? null : KeyClaim.parse(claim));
  }

  private static RefusedException unknown(DeviceId deviceId) {
    return new RefusedException(
        Reason.DEVICE_UNKNOWN,
        "device " + deviceId + " is not known",
        "see guardbee device list, or grant it: guardbee device grant " + deviceId);
  }
}
