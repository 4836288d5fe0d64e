package io.guardbee.service.revocation;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.service.audit.Action;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.audit.Audit;
import io.guardbee.service.audit.Entry;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.device.Devices;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.feed.FeedMessage;
import io.guardbee.service.feed.RestoreWindows;
import io.guardbee.service.feed.StatusFeed;
import io.guardbee.service.store.Database;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * Decides on certificates of which the records are lost since a restore: adopts them, as if they
 * had been issued by this database, or revokes them. Thread-safe.
 */
public final class Reconciliation {

  /** The way of a certificate that an operator has adopted. */
  private static final String ADOPTED = "adopted";

  private final Parts parts;
  private final Clock clock;

  /** What it works with. */
  public record Parts(
      Database database,
      EventLog log,
      StatusFeed feed,
      Authorities authorities,
      UnconfirmedCertificates unconfirmed,
      CertificateRevocations revocations) {}

  public Reconciliation(Parts parts, Clock clock) {
    this.parts = parts;
    this.clock = clock;
  }

  /** Which certificates are open to a decision. */
  public UnconfirmedCertificates unconfirmed() {
    return parts.unconfirmed();
  }

  /**
   * The certificate that a broker has reported under that serial.
   *
   * @throws RefusedException {@code CERTIFICATE_UNKNOWN}
   */
  public X509Certificate reported(Serial serial) {
    return parts
        .unconfirmed()
        .certificate(serial.toString())
        .orElseThrow(
            () ->
                new RefusedException(
                    Reason.CERTIFICATE_UNKNOWN,
                    "no broker has reported certificate " + serial,
                    "see guardbee restore reconcile, or give the certificate itself: --cert FILE"));
  }

  /**
   * Puts them on record as issued and tells the brokers that they are confirmed; all or none.
   *
   * @return their serials
   * @throws RefusedException {@code CERTIFICATE_UNTRUSTED}, {@code CERTIFICATE_REVOKED}, {@code
   *     DEVICE_REVOKED}, {@code KEY_REVOKED}, {@code KEY_BOUND_TO_OTHER_DEVICE}
   */
  public List<String> adopt(List<X509Certificate> certificates, Actor by) {
    List<IssuedCertificate> all =
        certificates.stream()
            .map(one -> IssuedCertificate.verified(one, parts.authorities()))
            .map(Reconciliation::requireDevice)
            .toList();
    long event = parts.database().transact(tx -> adopt(tx, all, by));
    parts.feed().published(event);
    return all.stream().map(IssuedCertificate::serial).toList();
  }

  private static IssuedCertificate requireDevice(IssuedCertificate one) {
    if (one.device().isEmpty()) {
      throw new RefusedException(
          Reason.CERTIFICATE_UNTRUSTED,
          "certificate " + one.serial() + " of the " + one.issuer() + " CA is not a device's",
          "operators, brokers and servers get new ones at the next start of the service");
    }
    return one;
  }

  private long adopt(Handle tx, List<IssuedCertificate> all, Actor by) {
    Instant now = clock.instant();
    CertificateRows rows = new CertificateRows(tx, now);
    List<FeedMessage.Confirmed> confirmed = new ArrayList<>();
    for (IssuedCertificate one : all) {
      adopt(tx, rows, one);
      confirmed.add(new FeedMessage.Confirmed(one.issuer(), one.serial()));
      Audit.record(
          tx,
          Entry.of(
              now,
              Action.CERTIFICATE_ADOPTED,
              by,
              "device:" + one.device().map(DeviceId::value).orElse(""),
              Map.of("serial", one.serial(), "notAfter", one.notAfter().toString())));
    }
    List<FeedMessage.Window> windows = RestoreWindows.all(tx, now);
    return parts.log().append(tx, number -> new FeedMessage.Restored(number, windows, confirmed));
  }

  private static void adopt(Handle tx, CertificateRows rows, IssuedCertificate one) {
    DeviceId device = one.device().orElseThrow();
    if (rows.lockDevices(List.of(device.value())) && Devices.lock(tx, device).isRevoked()) {
      throw new RefusedException(
          Reason.DEVICE_REVOKED,
          "device " + device + " has been revoked, certificate " + one.serial() + " is its",
          "revoke the certificate, too: guardbee restore reconcile --revoke " + one.serial());
    }
    rows.requireKeyOf(device, one.keyHash());
    switch (rows.state(one.issuer(), one.serial())) {
      case "issued" -> {} // it was adopted before
      case "revoked" ->
          throw new RefusedException(
              Reason.CERTIFICATE_REVOKED,
              "certificate " + one.serial() + " is revoked, which is for good",
              "let the device enrol again: guardbee device grant " + device);
      case "" -> rows.record(one, ADOPTED, "issued");
      default -> rows.complete(one); // its issue was under way in the backup
    }
    rows.activate(device, one);
    UnconfirmedCertificates.forget(tx, one.serial());
  }

  /**
   * Revokes one, on record or not.
   *
   * @throws RefusedException {@code CERTIFICATE_UNTRUSTED}
   */
  public Receipt revoke(X509Certificate certificate, RevocationReason reason, Actor by)
      throws InterruptedException {
    Receipt receipt =
        parts.revocations().revoke(new CertificateSelection.ByCertificate(certificate), reason, by);
    parts
        .database()
        .transact(
            tx -> {
              UnconfirmedCertificates.forget(tx, Serial.of(certificate).toString());
              return true;
            });
    return receipt;
  }
}
