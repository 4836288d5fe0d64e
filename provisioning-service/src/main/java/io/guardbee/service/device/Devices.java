package io.guardbee.service.device;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.KeyClaim;
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
  private final PresentedCertificates presented;

  public Devices(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
    this.presented = new PresentedCertificates(database, clock);
  }

  /**
   * A device as callers see it.
   *
   * @param status {@code granted}, {@code active}, {@code suspended} or {@code revoked}
   */
  public record Device(
      String deviceId,
      String profile,
      String status,
      @Nullable Suspension suspension,
      List<Certificate> certificates) {}

  /**
   * Why a device is held back.
   *
   * @param reason for people to read; may be empty
   */
  public record Suspension(Instant at, String by, String reason) {}

  /** How a device stands whose row is locked. */
  public record Standing(boolean isRevoked, boolean isSuspended) {}

  /**
   * A certificate as callers see it.
   *
   * @param status {@code active}, {@code suspended}, {@code revoked} or {@code expired}
   * @param revokedAt of one that is suspended: since when it is on hold
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
  public static Standing lock(Handle tx, DeviceId deviceId) {
    return tx.createQuery("select status, suspended_at from device where id = :id for update")
        .bind("id", deviceId.value())
        .map(
            (row, context) ->
                new Standing(
                    row.getString("status").equals("revoked"),
                    row.getObject("suspended_at") != null))
        .findOne()
        .orElseThrow(() -> unknown(deviceId));
  }

  /** What a device is told that is held back; the operator's reason is not for it. */
  public static RefusedException suspended(DeviceId deviceId) {
    return new RefusedException(
        Reason.DEVICE_SUSPENDED,
        "device " + deviceId + " is suspended",
        "ask the operator to end that: guardbee device reinstate " + deviceId);
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
                  Sql.utc(clock.instant()));
        });
  }

  /** A certificate that was accepted somewhere. */
  public record Use(String issuer, String serial) {}

  /**
   * Requires that this certificate is on record and in force; its first use is recorded.
   *
   * @throws RefusedException {@link Reason#CERTIFICATE_REVOKED}, {@link
   *     Reason#CERTIFICATE_SUPERSEDED}, {@link Reason#CERTIFICATE_UNKNOWN}, {@link
   *     Reason#DEVICE_SUSPENDED}
   */
  public void requireGood(String issuer, Serial serial) {
    presented.requireGood(issuer, serial);
  }

  /**
   * The same for a renewal, for which a predecessor that has ended may repeat its request.
   *
   * @return false for a certificate that ended because of its successor
   * @throws RefusedException as {@link #requireGood}, without {@link Reason#CERTIFICATE_SUPERSEDED}
   */
  public boolean isGoodOrSuperseded(String issuer, Serial serial) {
    return presented.isGoodOrSuperseded(issuer, serial);
  }

  /**
   * Records that these were accepted at a broker; again changes nothing.
   *
   * @return those that had ended before they were used for the first time
   */
  public List<Use> used(Collection<Use> uses) {
    return presented.used(uses);
  }

  /** Those of them that ended because of a successor before they were used anywhere. */
  public List<Use> endedUnused(Collection<Use> presentedAtBrokers) {
    return presented.endedUnused(presentedAtBrokers);
  }

  private List<Device> read(String which, String from, int limit) {
    return database.transact(
        tx -> {
          Map<String, Device> found = new LinkedHashMap<>();
          tx.createQuery(
                  "select d.id, d.profile, d.status, d.suspended_at, d.suspended_by,"
                      + " d.suspension_reason, c.serial, c.issuer, c.state, c.not_before,"
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
      Suspension suspension = suspension(row);
      String status = suspension == null ? row.getString("status") : "suspended";
      device = new Device(id, row.getString("profile"), status, suspension, new ArrayList<>());
      found.put(id, device);
    }
    if (row.getString("serial") != null) {
      device.certificates().add(certificate(row, device.suspension()));
    }
    return device;
  }

  private static @Nullable Suspension suspension(ResultSet row) throws SQLException {
    Instant at = Sql.instantOrNull(row, "suspended_at");
    return at == null
        ? null
        : new Suspension(at, row.getString("suspended_by"), row.getString("suspension_reason"));
  }

  private Certificate certificate(ResultSet row, @Nullable Suspension suspension)
      throws SQLException {
    Instant notAfter = Sql.instant(row, "not_after");
    boolean revoked = row.getString("state").equals("revoked");
    Suspension held = revoked ? null : suspension;
    String claim = row.getString("key_claim");
    String status =
        revoked
            ? "revoked"
            : clock.instant().isAfter(notAfter) ? "expired" : held == null ? "active" : "suspended";
    return new Certificate(
        row.getString("serial"),
        row.getString("issuer"),
        status,
        Sql.instant(row, "not_before"),
        notAfter,
        held == null ? Sql.instantOrNull(row, "revoked_at") : held.at(),
        held == null ? row.getString("revocation_reason") : "certificateHold",
        claim == null ? null : KeyClaim.parse(claim));
  }

  private static RefusedException unknown(DeviceId deviceId) {
    return new RefusedException(
        Reason.DEVICE_UNKNOWN,
        "device " + deviceId + " is not known",
        "see guardbee device list, or grant it: guardbee device grant " + deviceId);
  }
}
