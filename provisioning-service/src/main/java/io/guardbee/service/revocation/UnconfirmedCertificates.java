package io.guardbee.service.revocation;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Pem;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.feed.FeedMessage;
import io.guardbee.service.feed.RestoreWindows;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import java.security.cert.X509Certificate;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Certificates of this installation that brokers refused because they are of a restore window and
 * not on record: what an operator is to adopt or to revoke. Bounded. Thread-safe.
 */
public final class UnconfirmedCertificates {

  private static final Logger LOG = LoggerFactory.getLogger(UnconfirmedCertificates.class);
  private static final int MOST = 100_000;

  private final Database database;
  private final Authorities authorities;
  private final Clock clock;

  public UnconfirmedCertificates(Database database, Authorities authorities, Clock clock) {
    this.database = database;
    this.authorities = authorities;
    this.clock = clock;
  }

  /**
   * One of them.
   *
   * @param node the broker that reported it last, or {@code service}
   */
  public record Unconfirmed(
      String serial,
      @Nullable String deviceId,
      Instant notBefore,
      Instant notAfter,
      String node,
      Instant firstSeen,
      Instant lastSeen) {}

  /** Records a certificate that was shown to this service and refused. */
  public void seenHere(X509Certificate certificate) {
    note("service", certificate);
  }

  /**
   * Records the certificates that a broker reports, except those of other authorities or on record.
   *
   * @param certificates DER in base64, as the broker says
   */
  public void seen(String node, List<String> certificates) {
    for (String one : certificates) {
      try {
        note(node, Pem.decode(Base64.getDecoder().decode(one)));
      } catch (RefusedException | IllegalArgumentException e) {
        LOG.warn("broker {} reports a certificate that is none of ours: {}", node, e.toString());
      }
    }
  }

  private void note(String node, X509Certificate certificate) {
    IssuedCertificate issued = IssuedCertificate.verified(certificate, authorities);
    if (issued.issuer().equals(Identity.ISSUING)) {
      database.transact(tx -> note(tx, node, issued));
    }
  }

  private int note(Handle tx, String node, IssuedCertificate one) {
    Instant now = clock.instant();
    if (isOnRecord(tx, one.serial())) {
      return 0;
    }
    int known =
        tx.execute(
            "update unconfirmed_certificate set node = ?, last_at = ? where serial = ?",
            node,
            Sql.utc(now),
            one.serial());
    if (known > 0 || isFull(tx)) {
      return known;
    }
    LOG.warn(
        "certificate {} of {} is of a time of which the records are lost, and in use at {}:"
            + " guardbee restore reconcile",
        one.serial(),
        one.device().map(DeviceId::value).orElse("nobody"),
        node);
    return tx.execute(
        "insert into unconfirmed_certificate (serial, device_id, der, node, first_at, last_at)"
            + " values (?, ?, ?, ?, ?, ?)",
        one.serial(),
        one.device().map(DeviceId::value).orElse(null),
        one.der(),
        node,
        Sql.utc(now),
        Sql.utc(now));
  }

  private static boolean isOnRecord(Handle tx, String serial) {
    return tx.createQuery(
            "select 1 from certificate where issuer = :issuer and serial = :serial"
                + " and state in ('issued', 'revoked')")
        .bind("issuer", Identity.ISSUING)
        .bind("serial", serial)
        .mapTo(Integer.class)
        .findOne()
        .isPresent();
  }

  private static boolean isFull(Handle tx) {
    return tx.createQuery("select count(*) from unconfirmed_certificate").mapTo(Integer.class).one()
        >= MOST;
  }

  /** The windows that are open. */
  public List<FeedMessage.Window> windows() {
    return database.transact(tx -> RestoreWindows.all(tx, clock.instant()));
  }

  /**
   * Lists in the order of serials.
   *
   * @param after the last serial of the page before; empty for the first page
   */
  public List<Unconfirmed> list(String after, int limit) {
    return database.transact(
        tx ->
            tx.createQuery(
                    "select serial, device_id, der, node, first_at, last_at"
                        + " from unconfirmed_certificate where serial > :after"
                        + " order by serial limit :limit")
                .bind("after", after)
                .bind("limit", limit)
                .map((row, context) -> unconfirmed(row))
                .list());
  }

  private static Unconfirmed unconfirmed(ResultSet row) throws SQLException {
    X509Certificate certificate = Pem.decode(row.getBytes("der"));
    return new Unconfirmed(
        row.getString("serial"),
        row.getString("device_id"),
        certificate.getNotBefore().toInstant(),
        certificate.getNotAfter().toInstant(),
        row.getString("node"),
        Sql.instant(row, "first_at"),
        Sql.instant(row, "last_at"));
  }

  /** The certificate with that serial, where a broker has reported it. */
  Optional<X509Certificate> certificate(String serial) {
    return database.transact(
        tx ->
            tx.createQuery("select der from unconfirmed_certificate where serial = :serial")
                .bind("serial", serial)
                .map((row, context) -> Pem.decode(row.getBytes("der")))
                .findOne());
  }

  /** It is decided. */
  static void forget(Handle tx, String serial) {
    tx.execute("delete from unconfirmed_certificate where serial = ?", serial);
  }
}
