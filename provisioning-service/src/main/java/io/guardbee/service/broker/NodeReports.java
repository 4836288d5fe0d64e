package io.guardbee.service.broker;

import io.guardbee.pki.Quoted;
import io.guardbee.service.store.Database;
import io.guardbee.service.store.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The table {@code broker_report}: what each node has said last, whichever replica heard it. */
final class NodeReports {

  private static final Duration KEPT = Duration.ofDays(365);

  /** A clock may be wrong by so much. */
  private static final Duration AHEAD = Duration.ofDays(30);

  private static final int LONGEST_VERSION = 64;
  private static final int LONGEST_REFUSAL = 1000;
  private static final String SETTERS =
      "extension = :extension, hivemq = :hivemq, policy_version = :policy,"
          + " policy_observed = :observed, feed_event = :event, connections = :connections,"
          + " started_at = :started, contact_at = :contact, reported_at = :now,"
          + " feed_refused = :refused";

  private final Database database;

  NodeReports(Database database) {
    this.database = database;
  }

  void write(String node, NodeReport report, Instant now) {
    database.transact(
        tx -> {
          int known =
              bound(tx, "update broker_report set " + SETTERS + " where node = :node", node)
                  .with(report, now);
          return known > 0
              ? known
              : bound(
                      tx,
                      "insert into broker_report (node, extension, hivemq, policy_version,"
                          + " policy_observed, feed_event, connections, started_at, contact_at,"
                          + " reported_at, feed_refused) values (:node, :extension, :hivemq,"
                          + " :policy, :observed, :event, :connections, :started, :contact, :now,"
                          + " :refused)",
                      node)
                  .with(report, now);
        });
  }

  /** A statement that waits for its values. */
  private interface Bound {
    int with(NodeReport report, Instant now);
  }

  private static Bound bound(Handle tx, String sql, String node) {
    return (report, now) ->
        tx.createUpdate(sql)
            .bind("node", node)
            .bind("extension", text(report.extension(), LONGEST_VERSION))
            .bind("hivemq", text(report.hivemq(), LONGEST_VERSION))
            .bind("refused", text(report.feedRefused(), LONGEST_REFUSAL))
            .bind("policy", Math.max(0, report.policyVersion()))
            .bind("observed", Math.max(0, report.policyObserved()))
            .bind("event", Math.max(0, report.feedEvent()))
            .bind("connections", Math.max(0, report.connections()))
            .bindByType("started", time(report.startedAt(), now), OffsetDateTime.class)
            .bindByType("contact", time(report.contact(), now), OffsetDateTime.class)
            .bind("now", Sql.utc(now))
            .execute();
  }

  private static String text(@Nullable String said, int longest) {
    String line = said == null ? "" : Quoted.line(said);
    return line.length() <= longest ? line : line.substring(0, longest);
  }

  /** A clock that is far off says nothing, and some times no database can hold. */
  private static @Nullable OffsetDateTime time(@Nullable Instant said, Instant now) {
    return said == null || said.isBefore(Instant.EPOCH) || said.isAfter(now.plus(AHEAD))
        ? null
        : Sql.utc(said);
  }

  /** In the order of names. */
  List<NodeStatus> all() {
    return database.transact(
        tx ->
            tx.createQuery("select * from broker_report order by node")
                .map((row, context) -> status(row))
                .list());
  }

  private static NodeStatus status(ResultSet row) throws SQLException {
    return new NodeStatus(
        row.getString("node"),
        false,
        row.getString("extension"),
        row.getString("hivemq"),
        row.getLong("policy_version"),
        row.getLong("policy_observed"),
        row.getLong("feed_event"),
        0,
        row.getLong("connections"),
        Sql.instantOrNull(row, "started_at"),
        Sql.instantOrNull(row, "contact_at"),
        Sql.instantOrNull(row, "reported_at"),
        row.getString("feed_refused"));
  }

  /** Removes the node as part of the caller's transaction; whether it was known. */
  static boolean forget(Handle tx, String node) {
    return tx.execute("delete from broker_report where node = ?", node) > 0;
  }

  /** A node that has said nothing for a year is no more. */
  void forget(Instant now) {
    database.transact(
        tx ->
            tx.execute(
                "delete from broker_report where reported_at < ?", Sql.utc(now.minus(KEPT))));
  }
}
