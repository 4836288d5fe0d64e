package io.guardbee.service.grant;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.store.Sql;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * The bond between a birth certificate and a device, one to one and for ever. A birth certificate
 * is known by its key: its own bytes could be written in more than one way, since whoever holds the
 * certificate can turn an ECDSA signature into another good one.
 */
record Birth(String keyHash) {

  private static final Duration SETTLED = Duration.ofMinutes(1);

  static Birth of(X509Certificate idevid) {
    return new Birth(Fingerprint.of(idevid.getPublicKey().getEncoded()).hex());
  }

  private record Bond(String keyHash, String deviceId, Instant since) {}

  /**
   * Binds it to that device, if neither is bound to another.
   *
   * @throws RefusedException {@link Reason#NAME_NOT_GRANTED} when the birth certificate is another
   *     device's, {@link Reason#DEVICE_EXISTS} when the device is another's or had certificates
   *     before; then nothing is written
   */
  void bind(Handle tx, DeviceId device, Instant now) {
    List<Bond> bonds =
        tx.createQuery(
                "select key_hash, device_id, bound_at from birth"
                    + " where key_hash = :key or device_id = :device for update")
            .bind("key", keyHash)
            .bind("device", device.value())
            .map(
                (row, context) ->
                    new Bond(
                        row.getString("key_hash"),
                        row.getString("device_id"),
                        Sql.instant(row, "bound_at")))
            .list();
    if (bonds.equals(List.of()) || !isThis(bonds.get(0), device)) {
      bonds.forEach(bond -> refuseUnlessVoid(tx, bond, now));
      refuseExisting(tx, device);
      bonds.forEach(bond -> tx.execute("delete from birth where key_hash = ?", bond.keyHash()));
      tx.execute(
          "insert into birth (key_hash, device_id, bound_at) values (?, ?, ?)",
          keyHash,
          device.value(),
          Sql.utc(now));
    }
  }

  private boolean isThis(Bond bond, DeviceId device) {
    return bond.keyHash().equals(keyHash) && bond.deviceId().equals(device.value());
  }

  /** A bond whose certificates were all abandoned never held. */
  private void refuseUnlessVoid(Handle tx, Bond bond, Instant now) {
    boolean holds =
        bond.since().isAfter(now.minus(SETTLED))
            || tx.createQuery(
                    "select 1 from certificate where right_ref = :key and way = 'manufacturer'"
                        + " and state <> 'abandoned' limit 1")
                .bind("key", bond.keyHash())
                .mapTo(Integer.class)
                .findOne()
                .isPresent();
    if (holds && bond.keyHash().equals(keyHash)) {
      throw new RefusedException(
          Reason.NAME_NOT_GRANTED,
          "this birth certificate has enrolled device " + bond.deviceId() + " and is bound to it",
          "enrol as " + bond.deviceId() + ", or ask the operator for a token");
    }
    if (holds) {
      throw exists(bond.deviceId(), "was enrolled by another birth certificate");
    }
  }

  /** Else a manufacturer could name its next product after a device that is in use. */
  private static void refuseExisting(Handle tx, DeviceId device) {
    if (hasCertificate(tx, device)) {
      throw exists(device.value(), "has certificates that no birth certificate asked for");
    }
  }

  /** Whether it ever had one, expired ones included. */
  static boolean hasCertificate(Handle tx, DeviceId device) {
    return tx.createQuery(
            "select 1 from certificate where device_id = :device and state <> 'abandoned' limit 1")
        .bind("device", device.value())
        .mapTo(Integer.class)
        .findOne()
        .isPresent();
  }

  static RefusedException exists(String device, String what) {
    return new RefusedException(
        Reason.DEVICE_EXISTS,
        "device " + device + " " + what,
        "ask the operator for a token: guardbee device grant " + device);
  }
}
