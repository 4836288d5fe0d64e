package io.guardbee.service.policy;

import io.guardbee.service.audit.Actor;
import io.guardbee.service.store.Sql;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/** The table {@code policy_version}; each method is a part of the caller's transaction. */
final class Versions {

  static final String FORESEEN = "foreseen";
  static final String OBSERVED = "observed";
  static final String APPLIED = "applied";
  static final String REFUSED = "refused";

  private static final int LISTED = 1000;
  private static final int FORESEEN_KEPT = 20;

  private Versions() {}

  /** Keeps it as a version that was not more than foreseen yet, and forgets old ones like it. */
  static void add(Handle tx, long version, Draft draft, Mode mode, Actor by, Instant now) {
    tx.createUpdate(
            "insert into policy_version (version, document, sha256, mode, state, note, made_at,"
                + " made_by) values (:version, :document, :sha256, :mode, :state, :note, :now, :by)")
        .bind("version", version)
        .bind("document", draft.text())
        .bind("sha256", draft.sha256())
        .bind("mode", mode.toString())
        .bind("state", FORESEEN)
        .bind("note", draft.comment())
        .bind("now", Sql.utc(now))
        .bind("by", by.toString())
        .execute();
    tx.execute(
        "delete from policy_version where state in (?, ?) and previous is null and version < ?",
        FORESEEN,
        REFUSED,
        version - FORESEEN_KEPT);
  }

  /**
   * It came into force, perhaps again: only the first time tells which one is before it, so that
   * going back from one to the one before never comes round.
   *
   * @param before the version in force until then; 0 for none
   */
  static void applied(Handle tx, long version, long before) {
    tx.execute(
        "update policy_version set previous = case when state = ? then previous"
            + " else nullif(?, 0) end, state = ?, mode = ? where version = ?",
        APPLIED,
        before,
        APPLIED,
        Mode.ENFORCE.toString(),
        version);
  }

  static void observed(Handle tx, long version) {
    tx.execute("update policy_version set state = ? where version = ?", OBSERVED, version);
  }

  static void refused(Handle tx, long version) {
    tx.execute("update policy_version set state = ? where version = ?", REFUSED, version);
  }

  /** The version that was in force before that one came into force first. */
  static OptionalLong before(Handle tx, long version) {
    return tx.createQuery(
            "select previous from policy_version where version = :version"
                + " and previous is not null")
        .bind("version", version)
        .mapTo(Long.class)
        .findOne()
        .map(OptionalLong::of)
        .orElseGet(OptionalLong::empty);
  }

  static Optional<String> text(Handle tx, long version) {
    return tx.createQuery("select document from policy_version where version = :version")
        .bind("version", version)
        .mapTo(String.class)
        .findOne();
  }

  static Optional<Version> find(Handle tx, Head head, long version) {
    return list(tx, head, version, version).stream().findFirst();
  }

  /** The newest first. */
  static List<Version> list(Handle tx, Head head) {
    return list(tx, head, 0, Long.MAX_VALUE);
  }

  private static List<Version> list(Handle tx, Head head, long from, long to) {
    return tx.createQuery(
            "select version, made_at, made_by, note, mode, state, sha256 from policy_version"
                + " where version between :from and :to"
                + " order by version desc fetch next :most rows only")
        .bind("from", from)
        .bind("to", to)
        .bind("most", LISTED)
        .map(
            (row, context) ->
                new Version(
                    row.getLong("version"),
                    Sql.instant(row, "made_at"),
                    row.getString("made_by"),
                    row.getString("note"),
                    row.getString("mode"),
                    head.stateOf(row.getLong("version"), row.getString("state")),
                    row.getString("sha256")))
        .list();
  }
}
