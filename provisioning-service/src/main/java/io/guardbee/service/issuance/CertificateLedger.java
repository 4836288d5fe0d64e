package io.guardbee.service.issuance;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Identity;
import io.guardbee.pki.KeyClaim;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.device.Devices;
import io.guardbee.service.store.Database;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The record of every certificate: reserved before it is signed, completed after. Whatever a
 * reservation takes (token, key, serial) it takes in one transaction. Thread-safe.
 */
public final class CertificateLedger {

  private final Database database;
  private final Clock clock;

  public CertificateLedger(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * Gives up what a crash left between reservation and completion: nothing of it was handed out, so
   * its tokens may be used again.
   *
   * @return how many rows were pending
   */
  public int reconcile() {
    return database.transact(
        tx -> {
          tx.execute(
              "update enrolment_token set used_at = null where id in"
                  + " (select token_id from certificate where state = 'reserved')");
          return tx.execute("update certificate set state = 'abandoned' where state = 'reserved'");
        });
  }

  Reserved reserve(ToBeSigned toBeSigned) {
    return database.transact(
        tx -> {
          ApprovedRequest approved = toBeSigned.approved();
          DeviceId deviceId = deviceOf(approved);
          if (deviceId != null) {
            Devices.lock(tx, deviceId);
            take(tx, approved.entitlement(), deviceId);
            bindKey(tx, approved.request().keyFingerprint(), deviceId);
          }
          insert(tx, toBeSigned, deviceId);
          return new Reserved(toBeSigned);
        });
  }

  /**
   * @throws RefusedException {@link Reason#DEVICE_REVOKED} when the device was revoked meanwhile
   */
  X509Certificate complete(Signed signed) {
    ToBeSigned toBeSigned = signed.reserved().toBeSigned();
    return database.transact(
        tx -> {
          DeviceId deviceId = deviceOf(toBeSigned.approved());
          if (deviceId != null) {
            Devices.lock(tx, deviceId);
          }
          int completed =
              tx.createUpdate(
                      "update certificate set state = 'issued', der = :der, issued_at = :now"
                          + " where issuer = :issuer and serial = :serial and state = 'reserved'")
                  .bind("der", der(signed.certificate()))
                  .bind("now", utc(clock.instant()))
                  .bind("issuer", toBeSigned.approved().profile().issuer())
                  .bind("serial", toBeSigned.serial().toString())
                  .execute();
          if (completed == 0) {
            throw new RefusedException(
                Reason.DEVICE_REVOKED,
                "device " + deviceId + " was revoked while its certificate was being issued",
                "ask the operator for a new grant");
          }
          if (deviceId != null) {
            tx.createUpdate(
                    "update device set status = 'active', profile = :profile where id = :id")
                .bind("profile", toBeSigned.approved().profile().name())
                .bind("id", deviceId.value())
                .execute();
          }
          return signed.certificate();
        });
  }

  /** Takes back a reservation whose certificate could not be signed. */
  void abandon(Reserved reserved) {
    ToBeSigned toBeSigned = reserved.toBeSigned();
    database.transact(
        tx -> {
          if (toBeSigned.approved().entitlement() instanceof Entitlement.Token token) {
            tx.execute("update enrolment_token set used_at = null where id = ?", token.id());
          }
          return tx.execute(
              "update certificate set state = 'abandoned'"
                  + " where issuer = ? and serial = ? and state = 'reserved'",
              toBeSigned.approved().profile().issuer(),
              toBeSigned.serial().toString());
        });
  }

  /** The good certificate that this device already has for this key, if any. */
  public Optional<X509Certificate> current(DeviceId deviceId, Fingerprint key) {
    return database.transact(
        tx ->
            tx.createQuery(
                    "select der from certificate where device_id = :device and key_hash = :key"
                        + " and state = 'issued' and not_after > :now"
                        + " order by issued_at desc limit 1")
                .bind("device", deviceId.value())
                .bind("key", key.hex())
                .bind("now", utc(clock.instant()))
                .map((row, context) -> Pem.decode(row.getBytes("der")))
                .findOne());
  }

  private void take(Handle tx, Entitlement entitlement, DeviceId deviceId) {
    if (entitlement instanceof Entitlement.Token token) {
      useUp(tx, token);
    } else if (entitlement instanceof Entitlement.CurrentCertificate current) {
      refuseRevoked(tx, current, deviceId);
    } else if (entitlement instanceof Entitlement.Operator) {
      refuseSecond(tx, deviceId);
    }
  }

  private void useUp(Handle tx, Entitlement.Token token) {
    Instant now = clock.instant();
    int used =
        tx.createUpdate(
                "update enrolment_token set used_at = :now where id = :id"
                    + " and used_at is null and voided_at is null and expires_at > :now")
            .bind("now", utc(now))
            .bind("id", token.id())
            .execute();
    if (used == 0) {
      throw new RefusedException(
          Reason.TOKEN_USED,
          "the token was used or withdrawn while this request was under way",
          "ask the operator for a new one");
    }
  }

  private static void refuseRevoked(
      Handle tx, Entitlement.CurrentCertificate current, DeviceId deviceId) {
    Optional<String> state =
        tx.createQuery("select state from certificate where issuer = :issuer and serial = :serial")
            .bind("issuer", Identity.ISSUING)
            .bind("serial", current.serial().toString())
            .mapTo(String.class)
            .findOne();
    if (!state.equals(Optional.of("issued"))) {
      throw new RefusedException(
          Reason.CERTIFICATE_REVOKED,
          "certificate " + current.serial() + " of " + deviceId + " is no longer good",
          "ask the operator for a new grant");
    }
  }

  private void refuseSecond(Handle tx, DeviceId deviceId) {
    Optional<String> live =
        tx.createQuery(
                "select serial from certificate where device_id = :device"
                    + " and state in ('issued', 'reserved') and not_after > :now limit 1")
            .bind("device", deviceId.value())
            .bind("now", utc(clock.instant()))
            .mapTo(String.class)
            .findOne();
    if (live.isPresent()) {
      throw new RefusedException(
          Reason.DEVICE_EXISTS,
          "device " + deviceId + " already has certificate " + live.get() + " for another key",
          "revoke it first: guardbee device revoke " + deviceId);
    }
  }

  private static void bindKey(Handle tx, Fingerprint key, DeviceId deviceId) {
    record Owner(String deviceId, boolean revoked) {}
    Optional<Owner> owner =
        tx.createQuery("select device_id, revoked_at from device_key where hash = :key")
            .bind("key", key.hex())
            .map(
                (row, context) ->
                    new Owner(row.getString("device_id"), row.getObject("revoked_at") != null))
            .findOne();
    if (owner.isEmpty()) {
      tx.execute(
          "insert into device_key (hash, device_id) values (?, ?)", key.hex(), deviceId.value());
    } else if (owner.get().revoked()) {
      throw new RefusedException(
          Reason.KEY_REVOKED,
          "key " + key + " has been revoked",
          "make a new key and a new request");
    } else if (!owner.get().deviceId().equals(deviceId.value())) {
      throw new RefusedException(
          Reason.KEY_BOUND_TO_OTHER_DEVICE,
          "key " + key + " belongs to another device",
          "make a key of its own for device " + deviceId);
    }
  }

  private void insert(Handle tx, ToBeSigned toBeSigned, @Nullable DeviceId deviceId) {
    ApprovedRequest approved = toBeSigned.approved();
    KeyClaim claim = approved.request().keyClaim();
    tx.createUpdate(
            "insert into certificate (issuer, serial, device_id, subject, key_hash, state,"
                + " token_id, key_claim, not_before, not_after, reserved_at) values (:issuer, :serial,"
                + " :device, :subject, :key, 'reserved', :token, :claim, :notBefore, :notAfter, :now)")
        .bind("issuer", approved.profile().issuer())
        .bind("serial", toBeSigned.serial().toString())
        .bind("device", deviceId == null ? null : deviceId.value())
        .bind("subject", approved.identity().subject().toString())
        .bind("key", approved.request().keyFingerprint().hex())
        .bind(
            "token", approved.entitlement() instanceof Entitlement.Token token ? token.id() : null)
        .bind("claim", claim == null ? null : claim.toString())
        .bind("notBefore", utc(toBeSigned.notBefore()))
        .bind("notAfter", utc(toBeSigned.notAfter()))
        .bind("now", utc(clock.instant()))
        .execute();
  }

  private static @Nullable DeviceId deviceOf(ApprovedRequest approved) {
    return approved.entitlement() instanceof Entitlement.Installation
        ? null
        : approved.identity().deviceId();
  }

  private static byte[] der(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that we signed encodes", e);
    }
  }

  private static java.time.OffsetDateTime utc(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
