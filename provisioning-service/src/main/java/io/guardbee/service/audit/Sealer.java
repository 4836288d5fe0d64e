package io.guardbee.service.audit;

import io.guardbee.pki.Identity;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.authority.Authority;
import io.guardbee.service.store.Database;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives what was recorded its number and its hash, and signs the new end, all in one transaction.
 * Replicas take turns: the head's row is locked meanwhile, and nobody else waits for it. Before it
 * signs, it looks whether the log ends as the last signature says; if not, an entry says so, and
 * the signature never hides it. Thread-safe.
 */
final class Sealer {

  private static final Logger LOG = LoggerFactory.getLogger(Sealer.class);
  private static final int LARGEST_BATCH = 2000;

  private final Database database;
  private final Authorities authorities;
  private final Clock clock;

  /** The newest that this process has seen: the log never goes back behind it. */
  private @Nullable SignedHead remembered;

  Sealer(Database database, Authorities authorities, Clock clock) {
    this.database = database;
    this.authorities = authorities;
    this.clock = clock;
  }

  private record Pending(long id, String body) {}

  private record Sealed(int entries, @Nullable SignedHead head) {}

  /** The last entry as the database has it. */
  private record End(long number, String hash) {}

  /**
   * Seals all that was committed before the call.
   *
   * @return the newest head that this process has seen; empty before the first
   * @throws io.guardbee.pki.RefusedException {@code STORAGE_FAILED}, {@code MODULE_FAILED}; then
   *     what was not sealed waits
   */
  synchronized Optional<SignedHead> seal() {
    Sealed sealed;
    do {
      sealed = database.transact(this::sealBatch);
      remembered = sealed.head() == null ? remembered : sealed.head(); // once it is on the disk
    } while (sealed.entries() == LARGEST_BATCH);
    return Optional.ofNullable(remembered);
  }

  private Sealed sealBatch(Handle tx) {
    SignedHead head = lockHead(tx);
    List<Pending> pending = pending(tx);
    Authority authority = authorities.byRole(Identity.OPERATIONS);
    boolean outdated = head != null && !head.isBy(authority.certificate());
    if (pending.isEmpty() && !outdated) {
      return new Sealed(0, null);
    }
    Optional<End> end = end(tx);
    Optional<String> fault = fault(head, end);
    List<String> bodies = new ArrayList<>(pending.stream().map(Pending::body).toList());
    fault.ifPresent(found -> bodies.add(0, altered(found).body()));
    End last = append(tx, follow(head, end), bodies);
    delete(tx, pending);
    SignedHead signed = SignedHead.sign(last.number(), last.hash(), now(), authority);
    tx.execute("update audit_head set line = ? where id = 1", signed.line());
    return new Sealed(pending.size(), signed);
  }

  private static @Nullable SignedHead lockHead(Handle tx) {
    String line =
        tx.createQuery("select line from audit_head where id = 1 for update")
            .mapTo(String.class)
            .findOne()
            .orElse("");
    return SignedHead.parse(line).orElse(null);
  }

  private static List<Pending> pending(Handle tx) {
    return tx.createQuery("select id, body from audit_pending order by id limit :most")
        .bind("most", LARGEST_BATCH)
        .map((row, context) -> new Pending(row.getLong("id"), row.getString("body")))
        .list();
  }

  private static Optional<End> end(Handle tx) {
    return tx.createQuery(
            "select number, line from audit_entry"
                + " where number = (select max(number) from audit_entry)")
        .map((row, context) -> new End(row.getLong("number"), Line.hash(row.getString("line"))))
        .findOne();
  }

  /** What shows that somebody else wrote here; empty when the log ends as it was signed. */
  private Optional<String> fault(@Nullable SignedHead head, Optional<End> end) {
    if (head == null) {
      return end.isEmpty() && remembered == null
          ? Optional.empty()
          : Optional.of("the signed head is gone");
    }
    if (!isGenuine(head)) {
      return Optional.of("the signed head is forged");
    }
    if (remembered != null && head.number() < remembered.number()) {
      return Optional.of("it went back from " + remembered.number() + " to " + head.number());
    }
    End found = end.orElse(new End(0, Line.NOTHING_BEFORE));
    return found.equals(new End(head.number(), head.hash()))
        ? Optional.empty()
        : Optional.of(
            "entry " + head.number() + " was the last, " + found.number() + " is, or is another");
  }

  private boolean isGenuine(SignedHead head) {
    return head.equals(remembered) || head.fault(List.of(authorities.root())).isEmpty();
  }

  /**
   * What the next entry follows. After an alteration the newest signed head that is genuine, so
   * that the gap or the break behind it stays to be seen; but no number is given twice.
   */
  private End follow(@Nullable SignedHead head, Optional<End> end) {
    End found = end.orElse(new End(0, Line.NOTHING_BEFORE));
    SignedHead genuine = head != null && isGenuine(head) ? head : remembered;
    if (genuine == null) {
      return found;
    }
    if (remembered != null && remembered.number() > genuine.number()) {
      genuine = remembered;
    }
    return new End(Math.max(genuine.number(), found.number()), genuine.hash());
  }

  private Entry altered(String how) {
    LOG.error("somebody has changed the audit log: {}; see guardbee audit verify", how);
    return Entry.of(now(), Action.LOG_ALTERED, Actor.SERVICE, "audit", Map.of("found", how));
  }

  private static End append(Handle tx, End end, List<String> bodies) {
    if (bodies.isEmpty()) {
      return end;
    }
    PreparedBatch rows = tx.prepareBatch("insert into audit_entry (number, line) values (?, ?)");
    End last = end;
    for (String body : bodies) {
      Line line = Line.of(last.number() + 1, last.hash(), body);
      rows.add(line.number(), line.text());
      last = new End(line.number(), line.hash());
    }
    rows.execute();
    return last;
  }

  /** One by one: a transaction with a smaller id may have been committed meanwhile. */
  private static void delete(Handle tx, List<Pending> sealed) {
    if (sealed.isEmpty()) {
      return;
    }
    PreparedBatch rows = tx.prepareBatch("delete from audit_pending where id = ?");
    sealed.forEach(pending -> rows.add(pending.id()));
    rows.execute();
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
