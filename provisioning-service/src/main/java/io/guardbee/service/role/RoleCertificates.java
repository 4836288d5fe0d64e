package io.guardbee.service.role;

import io.guardbee.pki.Identity;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.pki.Subject;
import io.guardbee.service.audit.Action;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.audit.Audit;
import io.guardbee.service.audit.Entry;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.feed.FeedMessage;
import io.guardbee.service.issuance.Entitlement;
import io.guardbee.service.revocation.RevocationReason;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * The record of operators' and brokers' certificates. Each change of it is an event of the feed, so
 * that revocation lists are made anew and all replicas look at their connections. Thread-safe.
 */
public final class RoleCertificates {

  /** How long the one before stays good: users of a copy of its key renew meanwhile. */
  public static final Duration OVERLAP = Duration.ofDays(14);

  private static final int CHANGE = 1;

  private final Database database;
  private final EventLog log;
  private final Clock clock;

  public RoleCertificates(Database database, EventLog log, Clock clock) {
    this.database = database;
    this.log = log;
    this.clock = clock;
  }

  /** All certificates of a role that were completed, by name, oldest first. */
  public List<HeldCertificate> list(Role role) {
    return database.transact(tx -> read(tx, Entitlement.Installation.reference(role.toString())));
  }

  private List<HeldCertificate> read(Handle tx, String reference) {
    List<HeldCertificate> found =
        new ArrayList<>(
            tx.createQuery(
                    "select serial, subject, state, not_before, not_after, ends_at, revoked_at,"
                        + " revocation_reason from certificate where right_ref = :right"
                        + " and way = 'installation' and state in ('issued', 'revoked')")
                .bind("right", reference)
                .map((row, context) -> certificate(row))
                .list());
    found.sort(
        Comparator.comparing(HeldCertificate::name).thenComparing(HeldCertificate::notBefore));
    return found;
  }

  private HeldCertificate certificate(ResultSet row) throws SQLException {
    Instant notAfter = Sql.instant(row, "not_after");
    boolean revoked = row.getString("state").equals("revoked");
    String status = revoked ? "revoked" : clock.instant().isAfter(notAfter) ? "expired" : "active";
    return new HeldCertificate(
        String.join(",", Subject.parse(row.getString("subject")).values("CN")),
        row.getString("serial"),
        status,
        Sql.instant(row, "not_before"),
        notAfter,
        Sql.instantOrNull(row, "ends_at"),
        Sql.instantOrNull(row, "revoked_at"),
        row.getString("revocation_reason"));
  }

  /**
   * What a revocation has ended.
   *
   * @param serials of the certificates that are revoked by it
   * @param event that the brokers' feed tells of it
   */
  public record Revoked(String name, List<String> serials, long event) {
    public Revoked {
      serials = List.copyOf(serials);
    }
  }

  /** Which certificates of a holder: all, or one. */
  public record Holder(Role role, String name, Optional<Serial> only) {}

  /**
   * Revokes certificates of an operator or a broker; a broker's include those of its listeners.
   * What was revoked before stays as it was.
   *
   * @throws RefusedException {@link Reason#HOLDER_UNKNOWN} when there is no such certificate
   */
  public Revoked revoke(Holder holder, RevocationReason reason, Actor by) {
    return database.transactUrgently(
        tx -> {
          List<HeldCertificate> all = held(tx, holder);
          if (all.isEmpty()) {
            throw unknown(holder);
          }
          Instant now = clock.instant();
          List<String> serials =
              all.stream()
                  .filter(one -> !one.status().equals("revoked"))
                  .map(HeldCertificate::serial)
                  .toList();
          serials.forEach(serial -> revoke(tx, serial, reason, now));
          long event = announce(tx);
          Audit.record(
              tx,
              Entry.of(
                  now,
                  Action.CERTIFICATE_REVOKED,
                  by,
                  holder.role() + ":" + holder.name(),
                  Map.of("reason", reason.toString(), "serials", String.join(" ", serials))));
          return new Revoked(holder.name(), serials, event);
        });
  }

  private List<HeldCertificate> held(Handle tx, Holder holder) {
    List<HeldCertificate> all =
        new ArrayList<>(read(tx, Entitlement.Installation.reference(holder.role().toString())));
    if (holder.role() == Role.BROKER) {
      all.addAll(read(tx, Entitlement.Installation.listener(holder.name())));
    }
    return all.stream()
        .filter(one -> one.name().equals(holder.name()))
        .filter(one -> holder.only().map(Serial::toString).map(one.serial()::equals).orElse(true))
        .toList();
  }

  private static RefusedException unknown(Holder holder) {
    return new RefusedException(
        Reason.HOLDER_UNKNOWN,
        holder.role()
            + " "
            + Quoted.of(holder.name())
            + " has no certificate"
            + holder.only().map(serial -> " with serial " + serial).orElse(""),
        "see guardbee " + holder.role() + " list");
  }

  private static void revoke(Handle tx, String serial, RevocationReason reason, Instant now) {
    tx.execute(
        "update certificate set state = 'revoked', revoked_at = ?, revocation_reason = ?"
            + " where issuer = ? and serial = ? and state = 'issued'",
        Sql.utc(now),
        reason.toString(),
        Identity.OPERATIONS,
        serial);
  }

  /** Has every replica look for connections of revoked certificates. */
  public static void noteChange(Handle tx) {
    tx.execute("update role_change set revision = revision + 1 where id = ?", CHANGE);
  }

  private long announce(Handle tx) {
    noteChange(tx);
    return log.append(tx, FeedMessage.Nothing::new);
  }

  /** Grows with each revocation here. */
  public long revision() {
    return database.transact(
        tx ->
            tx.createQuery("select revision from role_change where id = :id")
                .bind("id", CHANGE)
                .mapTo(Long.class)
                .one());
  }

  /** Whether that certificate of the operations authority is on record and in force. */
  public boolean isInForce(Serial serial) {
    return state(serial).map("issued"::equals).orElse(false);
  }

  /** Whether that certificate of the operations authority was revoked. */
  public boolean isRevoked(Serial serial) {
    return state(serial).map("revoked"::equals).orElse(false);
  }

  private Optional<String> state(Serial serial) {
    return database.transact(
        tx ->
            tx.createQuery(
                    "select state from certificate where issuer = :issuer and serial = :serial")
                .bind("issuer", Identity.OPERATIONS)
                .bind("serial", serial.toString())
                .mapTo(String.class)
                .findOne());
  }

  /** A successor was issued: the certificate is good for the overlap, and no longer. */
  public void supersede(Serial serial) {
    Instant end = clock.instant().plus(OVERLAP);
    database.transact(
        tx ->
            tx.execute(
                "update certificate set ends_at = ? where issuer = ? and serial = ?"
                    + " and state = 'issued' and not_after > ?"
                    + " and (ends_at is null or ends_at > ?)",
                Sql.utc(end),
                Identity.OPERATIONS,
                serial.toString(),
                Sql.utc(end),
                Sql.utc(end)));
  }

  /**
   * Ends those whose overlap is over; to be called now and then, by any number of replicas.
   *
   * @return whether there were any
   */
  public boolean endSuperseded() {
    Instant now = clock.instant();
    return database.transact(
        tx -> {
          List<String> due =
              tx.createQuery(
                      "select serial from certificate where right_ref in (<rights>)"
                          + " and way = 'installation' and ends_at <= :now and state = 'issued'"
                          + " for update")
                  .bindList("rights", rights())
                  .bind("now", Sql.utc(now))
                  .mapTo(String.class)
                  .list();
          if (due.isEmpty()) {
            return false;
          }
          due.forEach(serial -> revoke(tx, serial, RevocationReason.SUPERSEDED, now));
          announce(tx);
          Audit.record(
              tx,
              Entry.of(
                  now,
                  Action.CERTIFICATE_SUPERSEDED,
                  Actor.SERVICE,
                  "installation:" + Identity.OPERATIONS,
                  Map.of("serials", due.stream().collect(Collectors.joining(" ")))));
          return true;
        });
  }

  private static List<String> rights() {
    return Arrays.stream(Role.values())
        .map(role -> Entitlement.Installation.reference(role.toString()))
        .toList();
  }
}
