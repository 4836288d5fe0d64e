package io.guardbee.service.policy;

import io.guardbee.service.store.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Which version is in force, which is observed.
 *
 * @param last the newest version's number, 0 for none
 * @param inForce 0 for none
 * @param observed 0 for none
 */
record Head(
    long last,
    long inForce,
    @Nullable Instant appliedAt,
    @Nullable String by,
    long observed,
    @Nullable Instant since) {

  private static final String READ = "select * from policy_head where id = 1";

  /** As it is; somebody may change it the next moment. */
  static Head read(Handle tx) {
    return tx.createQuery(READ).map((row, context) -> of(row)).one();
  }

  /** As it stays until the end of the transaction. */
  static Head lock(Handle tx) {
    return tx.createQuery(READ + " for update").map((row, context) -> of(row)).one();
  }

  private static Head of(ResultSet row) throws SQLException {
    return new Head(
        row.getLong("last_version"),
        row.getLong("in_force"),
        Sql.instantOrNull(row, "in_force_at"),
        row.getString("in_force_by"),
        row.getLong("observed"),
        Sql.instantOrNull(row, "observed_at"));
  }

  /** The next version's number, which is taken with it. */
  long next(Handle tx) {
    tx.execute("update policy_head set last_version = ? where id = 1", last + 1);
    return last + 1;
  }

  /** Another version is in force from now on; if it was observed, that is over. */
  static void enforce(Handle tx, long version, String by, Instant now) {
    tx.execute(
        "update policy_head set in_force = ?, in_force_at = ?, in_force_by = ? where id = 1",
        version,
        Sql.utc(now),
        by);
    tx.execute(
        "update policy_head set observed = null, observed_at = null where id = 1 and observed = ?",
        version);
  }

  static void observe(Handle tx, long version, Instant now) {
    tx.execute(
        "update policy_head set observed = ?, observed_at = ? where id = 1", version, Sql.utc(now));
  }

  static void withdraw(Handle tx) {
    tx.execute("update policy_head set observed = null, observed_at = null where id = 1");
  }

  OptionalLong observedVersion() {
    return observed == 0 ? OptionalLong.empty() : OptionalLong.of(observed);
  }

  /** What {@code state}, as stored, is called for a version while this is the head. */
  String stateOf(long version, String state) {
    if (version == inForce) {
      return "in-force";
    }
    if (version == observed) {
      return "observed";
    }
    return switch (state) {
      case Versions.APPLIED -> "before";
      case Versions.OBSERVED -> "withdrawn";
      default -> state;
    };
  }
}
