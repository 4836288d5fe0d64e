package io.guardbee.service.approval;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.audit.Action;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.audit.Audit;
import io.guardbee.service.store.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** One transaction on the record of what was asked and decided. */
final class ApprovalBook {

  private static final Duration PATIENCE = Duration.ofDays(7);

  /** An operator cannot look through more, and a thief of one right cannot crowd out the others. */
  private static final int MOST_PENDING = 10_000;

  private static final int MOST_PENDING_BY_ONE_RIGHT = 1_000;

  /** Whatever its key: with serverkeygen it is not the one that signed the request. */
  private static final String USED =
      "exists (select 1 from certificate c where c.device_id = a.device_id"
          + " and c.way = a.way and c.right_ref = a.right_ref"
          + " and c.state <> 'abandoned' and c.reserved_at >= a.asked_at)";

  private final Handle tx;
  private final Instant now;
  private final Duration retryAfter;

  /**
   * @param retryAfter when who finds no room may come again
   */
  ApprovalBook(Handle tx, Instant now, Duration retryAfter) {
    this.tx = tx;
    this.now = now;
    this.retryAfter = retryAfter;
  }

  /** What is on record of that device by that right, and still to be used. */
  Optional<Entry> find(Petition petition) {
    return tx.createQuery(
            "select a.* from approval a where device_id = :device and way = :way"
                + " and right_ref = :right and expires_at > :now and not "
                + USED)
        .bind("device", petition.deviceId().value())
        .bind("way", petition.way())
        .bind("right", petition.right())
        .bind("now", Sql.utc(now))
        .map(ApprovalBook::entry)
        .findOne();
  }

  /** All of that device that are still to be used, oldest first. */
  List<Entry> of(DeviceId deviceId) {
    return tx.createQuery(
            "select a.* from approval a where device_id = :device and expires_at > :now and not "
                + USED
                + " order by id")
        .bind("device", deviceId.value())
        .bind("now", Sql.utc(now))
        .map(ApprovalBook::entry)
        .list();
  }

  /** Those that wait for a decision, oldest first. */
  List<Entry> pending(long after, int limit) {
    return tx.createQuery(
            "select a.* from approval a where state = 'pending' and id > :after"
                + " and expires_at > :now order by id limit :limit")
        .bind("after", after)
        .bind("now", Sql.utc(now))
        .bind("limit", limit)
        .map(ApprovalBook::entry)
        .list();
  }

  /**
   * Puts it on record as pending.
   *
   * @throws RefusedException {@link Reason#APPROVAL_UNAVAILABLE} when too many are waiting
   */
  void enter(Petition petition) {
    tidy(petition);
    requireRoom(petition);
    insert(petition, Entry.PENDING, now.plus(PATIENCE));
  }

  /** Decides what is on record. */
  void rule(long id, Ruling ruling) {
    tx.execute(
        "update approval set state = ?, decided_at = ?, decided_by = ?, note = ?, expires_at = ?"
            + " where id = ?",
        ruling.state(),
        Sql.utc(now),
        ruling.by(),
        ruling.reason(),
        Sql.utc(now.plus(ruling.life())),
        id);
    tx.createQuery("select * from approval where id = :id")
        .bind("id", id)
        .map(ApprovalBook::entry)
        .forEach(this::putOnRecord);
  }

  private void putOnRecord(Entry decided) {
    boolean given = decided.state().equals(Entry.APPROVED);
    String by = String.valueOf(decided.decidedBy());
    Audit.record(
        tx,
        io.guardbee.service.audit.Entry.of(
            now,
            given ? Action.APPROVAL_GIVEN : Action.APPROVAL_DENIED,
            by.equals(Ruling.WEBHOOK) ? new Actor(by, "") : Actor.operator(by),
            "device:" + decided.deviceId(),
            Map.of(
                "key",
                decided.key(),
                "profile",
                decided.profile(),
                "way",
                decided.way(),
                "note",
                Objects.requireNonNullElse(decided.reason(), ""))));
  }

  /** Decides what may not be on record yet. */
  void rule(Petition petition, Ruling ruling) {
    if (find(petition).isEmpty()) {
      tidy(petition);
      insert(petition, Entry.PENDING, now.plus(PATIENCE));
    }
    find(petition).ifPresent(entry -> rule(entry.id(), ruling));
  }

  /** What has expired, what this one follows, and what a later token of the device withdrew. */
  private void tidy(Petition petition) {
    tx.execute("delete from approval where expires_at <= ?", Sql.utc(now));
    tx.execute(
        "delete from approval where device_id = ? and way = ? and"
            + " (right_ref = ? or (way = 'token' and state = 'pending'))",
        petition.deviceId().value(),
        petition.way(),
        petition.right());
  }

  private void requireRoom(Petition petition) {
    if (count("") >= MOST_PENDING
        || count(" and way = ? and right_ref = ?", petition.way(), petition.right())
            >= MOST_PENDING_BY_ONE_RIGHT) {
      throw new RefusedException(
          Reason.APPROVAL_UNAVAILABLE,
          "too many requests are waiting for approval to take that of " + petition.deviceId(),
          "come back when the operator has decided on them: guardbee device pending",
          retryAfter);
    }
  }

  private int count(String condition, Object... values) {
    return tx.select("select count(*) from approval where state = 'pending'" + condition, values)
        .mapTo(Integer.class)
        .one();
  }

  private void insert(Petition petition, String state, Instant expires) {
    tx.execute(
        "insert into approval (device_id, key_hash, profile, way, right_ref, address, state,"
            + " asked_at, expires_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        petition.deviceId().value(),
        petition.key().hex(),
        petition.profile(),
        petition.way(),
        petition.right(),
        petition.address(),
        state,
        Sql.utc(now),
        Sql.utc(expires));
  }

  private static Entry entry(ResultSet row, StatementContext context) throws SQLException {
    return new Entry(
        row.getLong("id"),
        row.getString("device_id"),
        new Fingerprint(row.getString("key_hash")).toString(),
        row.getString("profile"),
        row.getString("way"),
        row.getString("right_ref"),
        row.getString("address"),
        row.getString("state"),
        Sql.instant(row, "asked_at"),
        Sql.instant(row, "expires_at"),
        row.getString("decided_by"),
        row.getString("note"));
  }
}
