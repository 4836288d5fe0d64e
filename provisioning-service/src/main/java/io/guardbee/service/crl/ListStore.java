package io.guardbee.service.crl;

import io.guardbee.pki.Serial;
import io.guardbee.service.crl.RevocationList.Span;
import io.guardbee.service.revocation.RevocationReason;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import java.io.ByteArrayOutputStream;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** The lists in the database, and what goes into them. Thread-safe. */
final class ListStore {

  private static final int PART = 512 * 1024;

  private final Database database;

  ListStore(Database database) {
    this.database = database;
  }

  /** A line of a list. */
  record Entry(Serial serial, Instant revoked, RevocationReason reason) {}

  /**
   * What a new list of a role has to hold.
   *
   * @param last the number of the list before
   */
  record Content(long last, List<Entry> entries) {
    Content {
      entries = List.copyOf(entries);
    }
  }

  /** The lists there are, without their octets, by authority. */
  Map<String, Span> spans() {
    Map<String, Span> spans = new HashMap<>();
    database
        .transact(
            tx ->
                tx.createQuery(
                        "select authority, number, this_update, next_update, event"
                            + " from revocation_list")
                    .map((row, context) -> Map.entry(row.getString("authority"), span(row)))
                    .list())
        .forEach(entry -> spans.put(entry.getKey(), entry.getValue()));
    return spans;
  }

  /** That list without its octets. */
  Optional<Span> span(String authority) {
    return database.transact(
        tx ->
            tx.createQuery(
                    "select number, this_update, next_update, event from revocation_list"
                        + " where authority = :authority")
                .bind("authority", authority)
                .map((row, context) -> span(row))
                .findOne());
  }

  private static Span span(ResultSet row) throws SQLException {
    return new Span(
        row.getLong("number"),
        Sql.instant(row, "this_update"),
        Sql.instant(row, "next_update"),
        row.getLong("event"));
  }

  /** A list as it stands, number and octets of one moment. */
  Optional<RevocationList> load(String authority) {
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    AtomicReference<Span> span = new AtomicReference<>();
    database.transact(
        tx -> {
          octets.reset(); // a transaction may be tried again
          return tx.createQuery(
                  "select l.number, l.this_update, l.next_update, l.event, p.octets"
                      + " from revocation_list l join revocation_list_part p"
                      + " on p.authority = l.authority where l.authority = :authority"
                      + " order by p.part")
              .bind("authority", authority)
              .map(
                  (row, context) -> {
                    octets.writeBytes(row.getBytes("octets"));
                    span.set(span(row));
                    return true;
                  })
              .list();
        });
    return Optional.ofNullable(span.get())
        .map(found -> new RevocationList(authority, found, octets.toByteArray()));
  }

  /**
   * Reads what is revoked or on hold; after the number, so that whoever takes the next one has seen
   * all that the list before had.
   *
   * @param endedAfter certificates that ended before are left out
   */
  Content content(String role, Instant endedAfter) {
    return database.transact(
        tx -> {
          long last = lastNumber(tx, role);
          List<Entry> entries =
              tx.createQuery(
                      "select serial, revoked_at, revocation_reason from certificate"
                          + " where issuer = :role and state = 'revoked' and not_after > :ended"
                          + " union all select c.serial, d.suspended_at, null"
                          + " from device d join certificate c on c.device_id = d.id"
                          + " where d.suspended_at is not null and c.issuer = :role"
                          + " and c.state = 'issued' and c.not_after > :ended order by serial")
                  .bind("role", role)
                  .bind("ended", Sql.utc(endedAfter))
                  .map(
                      (row, context) ->
                          new Entry(
                              Serial.parse(row.getString("serial")),
                              Sql.instant(row, "revoked_at"),
                              reason(row.getString("revocation_reason"))))
                  .list();
          return new Content(last, entries);
        });
  }

  /** One without a reason is on hold, and leaves the list again (RFC 5280 §5.3.1). */
  private static RevocationReason reason(@Nullable String recorded) {
    return recorded == null ? RevocationReason.CERTIFICATE_HOLD : RevocationReason.parse(recorded);
  }

  private static long lastNumber(Handle tx, String role) {
    return tx.createQuery("select last_number from revocation_list_number where role = :role")
        .bind("role", role)
        .mapTo(Long.class)
        .findOne()
        .orElseGet(
            () -> {
              tx.execute(
                  "insert into revocation_list_number (role, last_number) values (?, 0)", role);
              return 0L;
            });
  }

  /**
   * Puts these in the place of those before.
   *
   * @param last the number that they follow
   * @return false, and nothing is changed, when another replica was first
   */
  boolean replace(String role, long last, List<RevocationList> lists) {
    return database.transactUrgently(
        tx -> {
          int taken =
              tx.execute(
                  "update revocation_list_number set last_number = ?"
                      + " where role = ? and last_number = ?",
                  last + 1,
                  role,
                  last);
          if (taken == 1) {
            lists.forEach(list -> write(tx, list));
          }
          return taken == 1;
        });
  }

  private static void write(Handle tx, RevocationList list) {
    tx.execute("delete from revocation_list where authority = ?", list.authority());
    Span span = list.span();
    tx.execute(
        "insert into revocation_list (authority, number, this_update, next_update, event)"
            + " values (?, ?, ?, ?, ?)",
        list.authority(),
        span.number(),
        Sql.utc(span.thisUpdate()),
        Sql.utc(span.nextUpdate()),
        span.event());
    PreparedBatch parts =
        tx.prepareBatch(
            "insert into revocation_list_part (authority, part, octets) values (?, ?, ?)");
    byte[] der = list.der();
    for (int from = 0; from < der.length; from += PART) {
      byte[] part = Arrays.copyOfRange(der, from, Math.min(der.length, from + PART));
      parts.add(list.authority(), from / PART, part);
    }
    parts.execute();
  }
}
