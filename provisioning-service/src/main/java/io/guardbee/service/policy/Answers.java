package io.guardbee.service.policy;

import io.guardbee.service.policy.Answer.Affected;
import io.guardbee.service.store.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The table {@code policy_answer}; each method is a part of the caller's transaction. */
final class Answers {

  private static final int LONGEST_LIST = 500_000;
  private static final int VERSIONS_KEPT = 20;

  private final JsonMapper json;

  Answers(JsonMapper json) {
    this.json = json;
  }

  /** A new order of that version: what was said of an earlier one does not count for it. */
  void expect(Handle tx, long version, Mode mode) {
    tx.execute(
        "delete from policy_answer where version = ? and mode = ?", version, mode.toString());
  }

  /** Of old versions nobody asks any more, but for those that still matter. */
  void forget(Handle tx, Head head) {
    tx.execute(
        "delete from policy_answer where version < ? and version <> ? and version <> ?",
        head.last() - VERSIONS_KEPT,
        head.inForce(),
        head.observed());
  }

  void put(Handle tx, Answer answer) {
    tx.execute(
        "delete from policy_answer where version = ? and mode = ? and node = ?",
        answer.version(),
        answer.mode(),
        answer.node());
    tx.execute(
        "insert into policy_answer (version, mode, node, outcome, detail, connections,"
            + " affected_count, affected, answered_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        answer.version(),
        answer.mode(),
        answer.node(),
        answer.outcome(),
        answer.detail(),
        answer.connections(),
        answer.affectedCount(),
        list(answer.affected()),
        Sql.utc(answer.at()));
  }

  /** H2 has no more than a mebibyte in a column: a list that is too long loses its end. */
  private String list(List<Affected> affected) {
    String text = json.writeValueAsString(affected);
    int most = affected.size();
    while (text.length() > LONGEST_LIST) {
      most /= 2;
      text = json.writeValueAsString(affected.subList(0, most));
    }
    return text;
  }

  /** By node, what was said of that order. */
  Map<String, Answer> of(Handle tx, long version, Mode mode) {
    return of(tx, version, mode.toString());
  }

  /** The same for a mode as a broker wrote it. */
  Map<String, Answer> of(Handle tx, long version, String mode) {
    Map<String, Answer> found = new TreeMap<>();
    tx.createQuery("select * from policy_answer where version = :version and mode = :mode")
        .bind("version", version)
        .bind("mode", mode)
        .map((row, context) -> answer(row))
        .forEach(answer -> found.put(answer.node(), answer));
    return found;
  }

  /** What each node has said last of an order to enforce or to observe; without the lists. */
  List<Answer> latest(Handle tx) {
    return tx.createQuery(
            "select version, mode, node, outcome, detail, connections, affected_count,"
                + " '[]' as affected, answered_at from policy_answer a"
                + " where mode in ('enforce', 'observe') and answered_at ="
                + " (select max(answered_at) from policy_answer b where b.node = a.node"
                + " and b.mode = a.mode) order by node, mode, version")
        .map((row, context) -> answer(row))
        .list();
  }

  private Answer answer(ResultSet row) throws SQLException {
    return new Answer(
        row.getString("node"),
        row.getLong("version"),
        row.getString("mode"),
        row.getString("outcome"),
        row.getString("detail"),
        row.getInt("connections"),
        row.getInt("affected_count"),
        json.readValue(row.getString("affected"), new TypeReference<List<Affected>>() {}),
        Sql.instant(row, "answered_at"));
  }
}
