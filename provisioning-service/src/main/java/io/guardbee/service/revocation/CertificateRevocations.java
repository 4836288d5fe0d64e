package io.guardbee.service.revocation;

import io.guardbee.pki.Identity;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.audit.Action;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.audit.Audit;
import io.guardbee.service.audit.Entry;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.authority.AuthorityFiles;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.feed.FeedMessage;
import io.guardbee.service.feed.FeedMessage.CertificateStatus;
import io.guardbee.service.revocation.CertificateRows.Row;
import io.guardbee.service.revocation.CertificateSelection.ByCertificate;
import io.guardbee.service.revocation.CertificateSelection.ByKey;
import io.guardbee.service.revocation.CertificateSelection.BySerial;
import io.guardbee.service.store.Database;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * Revokes certificates of this installation's authorities by file, serial or key. One that is not
 * on record, such as one that was issued after the backup that was restored, is recorded as revoked
 * first: so lists, OCSP and brokers know of it. Thread-safe.
 */
public final class CertificateRevocations {

  private final Parts parts;
  private final Announcer announcer;
  private final Clock clock;

  /**
   * What it works with.
   *
   * @param roles is told of revocations among certificates of operators and brokers
   */
  public record Parts(
      Database database, EventLog log, Authorities authorities, RoleRevocations roles) {}

  /** Ends the connections of operators and brokers whose certificates are revoked. */
  public interface RoleRevocations {

    /** In the transaction that revokes them. */
    void revoking(Handle tx);

    /** After its commit. */
    void revoked();
  }

  public CertificateRevocations(Parts parts, Announcer announcer, Clock clock) {
    this.parts = parts;
    this.announcer = announcer;
    this.clock = clock;
  }

  /**
   * Revokes them: on disk first, then told to every broker, then waits for their acknowledgements.
   * Doing it again changes nothing and asks the brokers again. With {@code keyCompromise}, and by
   * key always, the keys are blocked too: no certificate is issued for them any more.
   *
   * @throws RefusedException {@code CERTIFICATE_UNTRUSTED} for a certificate that others have
   *     signed, {@code REQUEST_MALFORMED} for a role that there is not
   */
  public Receipt revoke(CertificateSelection selection, RevocationReason reason, Actor by)
      throws InterruptedException {
    long start = System.nanoTime();
    Source source = source(selection);
    Revoked revoked =
        parts
            .database()
            .transactUrgently(tx -> commit(tx, source, new Order(selection, reason, by)));
    if (revoked.rows().stream().anyMatch(row -> row.issuer().equals(Identity.OPERATIONS))) {
      parts.roles().revoked();
    }
    Receipt receipt = announcer.receipt(start, revoked.device(), revoked.change());
    return receipt.requireCovered(
        "no certificate on record has key " + name(selection),
        "the key is blocked for later enrolment; to revoke a certificate that is not on record:"
            + " guardbee revoke --cert FILE");
  }

  /** What an operator wants. */
  private record Order(CertificateSelection selection, RevocationReason reason, Actor by) {
    boolean blocksKeys() {
      return selection instanceof ByKey || reason == RevocationReason.KEY_COMPROMISE;
    }
  }

  private record Revoked(List<Row> rows, String device, Change change) {}

  /** Finds the certificates in a transaction, with the rows of their devices locked. */
  @FunctionalInterface
  private interface Source {
    List<Row> rows(CertificateRows rows);
  }

  private Source source(CertificateSelection selection) {
    if (selection instanceof ByCertificate by) {
      IssuedCertificate one = IssuedCertificate.verified(by.certificate(), parts.authorities());
      return rows -> List.of(row(rows, one));
    }
    if (selection instanceof BySerial by) {
      requireRole(by.issuer());
      return rows -> List.of(row(rows, by));
    }
    ByKey by = (ByKey) selection;
    return rows -> {
      rows.lockDeviceOfKey(by.key().hex());
      return rows.withKey(by.key().hex());
    };
  }

  private static void requireRole(String issuer) {
    if (!AuthorityFiles.ROLES.contains(issuer)) {
      throw new RefusedException(
          Reason.REQUEST_MALFORMED,
          "issuer " + Quoted.of(issuer) + " is no role of an authority",
          "use one of " + String.join(", ", AuthorityFiles.ROLES));
    }
  }

  private static Row row(CertificateRows rows, IssuedCertificate one) {
    Row row =
        rows.find(one.issuer(), one.serial())
            .orElseGet(() -> rows.record(one, CertificateRows.UNRECORDED, "revoked"));
    rows.lockDevicesOf(List.of(row));
    return row;
  }

  private Row row(CertificateRows rows, BySerial by) {
    Row row =
        rows.find(by.issuer(), by.serial().toString())
            .orElseGet(() -> rows.record(by.issuer(), by.serial(), endOf(by.issuer())));
    rows.lockDevicesOf(List.of(row));
    return row;
  }

  /** No certificate outlives the authority that has signed it. */
  private Instant endOf(String issuer) {
    return parts.authorities().believed(issuer).stream()
        .map(authority -> authority.getNotAfter().toInstant())
        .max(Comparator.naturalOrder())
        .orElseThrow();
  }

  private Revoked commit(Handle tx, Source source, Order order) {
    Instant now = clock.instant();
    CertificateRows rows = new CertificateRows(tx, now);
    List<Row> found = source.rows(rows);
    found.forEach(row -> rows.revoke(row, order.reason()));
    blockKeys(rows, found, order);
    if (found.stream().anyMatch(row -> row.issuer().equals(Identity.OPERATIONS))) {
      parts.roles().revoking(tx);
    }
    String device = found.stream().map(Row::device).filter(Objects::nonNull).findFirst().orElse("");
    long event = tell(tx, found, device, order.reason());
    Change change = new Change(event, found.stream().map(Row::serial).toList());
    record(tx, order, device, change);
    return new Revoked(found, device, change);
  }

  private static void blockKeys(CertificateRows rows, List<Row> found, Order order) {
    if (order.selection() instanceof ByKey by) {
      rows.block(by.key().hex());
    } else if (order.blocksKeys()) {
      found.stream().map(Row::keyHash).filter(key -> !key.isEmpty()).forEach(rows::block);
    }
  }

  private long tell(Handle tx, List<Row> rows, String device, RevocationReason reason) {
    Instant now = clock.instant();
    List<CertificateStatus> told =
        rows.stream()
            .filter(row -> row.notAfter().isAfter(now))
            .map(
                row ->
                    new CertificateStatus(
                        row.issuer(),
                        row.serial(),
                        Objects.requireNonNullElse(row.device(), ""),
                        FeedMessage.REVOKED,
                        row.notAfter()))
            .toList();
    return parts
        .log()
        .append(
            tx,
            number ->
                new FeedMessage.Status(
                    number, device, FeedMessage.REVOKED, reason.toString(), told));
  }

  private void record(Handle tx, Order order, String device, Change change) {
    Audit.record(
        tx,
        Entry.of(
            clock.instant(),
            Action.CERTIFICATE_REVOKED,
            order.by(),
            device.isEmpty() ? name(order.selection()) : "device:" + device,
            Map.of(
                "reason", order.reason().toString(),
                "event", String.valueOf(change.event()),
                "by", name(order.selection()),
                "serials", change.serials().stream().collect(Collectors.joining(" ")))));
  }

  private static String name(CertificateSelection selection) {
    if (selection instanceof ByCertificate by) {
      return "certificate:" + by.certificate().getSerialNumber().toString(16);
    }
    return selection instanceof BySerial by
        ? "serial:" + by.issuer() + "/" + by.serial()
        : ((ByKey) selection).key().toString();
  }
}
