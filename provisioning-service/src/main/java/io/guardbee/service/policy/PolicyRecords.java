package io.guardbee.service.policy;

import io.guardbee.service.feed.BrokerNodes;
import io.guardbee.service.store.Database;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What is on record of the policy. Changes nothing. Thread-safe. */
public final class PolicyRecords {

  private final Database database;
  private final BrokerNodes nodes;
  private final Answers answers;

  public PolicyRecords(Database database, BrokerNodes nodes, JsonMapper json) {
    this.database = database;
    this.nodes = nodes;
    this.answers = new Answers(json);
  }

  /** What is observed. */
  public record Observed(long version, Instant since, String text) {}

  /** What a node has said last; {@code silent} of one that is connected and has said nothing. */
  public record Said(
      String node,
      long version,
      String mode,
      String outcome,
      String detail,
      @Nullable Instant at) {}

  /**
   * The policy as it is.
   *
   * @param version 0 for none: brokers follow their own file
   */
  public record State(
      long version,
      @Nullable Instant appliedAt,
      @Nullable String by,
      @Nullable String comment,
      @Nullable String text,
      @Nullable Observed observed,
      List<Said> nodes) {
    public State {
      nodes = List.copyOf(nodes);
    }
  }

  /** What is in force, what is observed, and what brokers said of it. */
  public State state() {
    nodes.refresh();
    Set<String> connected = nodes.connected();
    return database.transact(
        tx -> {
          Head head = Head.read(tx);
          List<Said> said = new ArrayList<>();
          answers.latest(tx).stream()
              .filter(answer -> !isOfThePast(answer, head))
              .forEach(one -> said.add(said(one)));
          Set<String> silent = new TreeSet<>(connected);
          said.forEach(one -> silent.remove(one.node()));
          silent.forEach(node -> said.add(new Said(node, 0, "enforce", Answer.SILENT, "", null)));
          return new State(
              head.inForce(),
              head.appliedAt(),
              head.by(),
              Versions.find(tx, head, head.inForce()).map(Version::comment).orElse(null),
              Versions.text(tx, head.inForce()).orElse(null),
              observed(head, Versions.text(tx, head.observed())),
              said);
        });
  }

  private static boolean isOfThePast(Answer answer, Head head) {
    return answer.mode().equals("observe") && answer.version() != head.observed();
  }

  private static Said said(Answer answer) {
    return new Said(
        answer.node(),
        answer.version(),
        answer.mode(),
        answer.outcome(),
        answer.detail(),
        answer.at());
  }

  private static @Nullable Observed observed(Head head, Optional<String> text) {
    Instant since = head.since();
    return since == null || text.isEmpty()
        ? null
        : new Observed(head.observed(), since, text.get());
  }

  /** By node, which version in force it refuses, and why; part of the caller's transaction. */
  public static Map<String, String> refusals(Handle tx) {
    Map<String, String> found = new TreeMap<>();
    tx.createQuery(
            "select a.node, a.version, a.detail from policy_head h join policy_answer a"
                + " on a.version = h.in_force where a.mode = :mode and a.outcome = :refused")
        .bind("mode", Mode.ENFORCE.toString())
        .bind("refused", Answer.REFUSED)
        .map(
            (row, context) ->
                Map.entry(
                    row.getString("node"),
                    "version " + row.getLong("version") + ": " + row.getString("detail")))
        .forEach(entry -> found.put(entry.getKey(), entry.getValue()));
    return found;
  }

  /** Removes what the node has said; part of the caller's transaction. */
  public static void forget(Handle tx, String node) {
    tx.execute("delete from policy_answer where node = ?", node);
  }

  /** The newest first, 1000 at most. */
  public List<Version> versions() {
    return database.transact(tx -> Versions.list(tx, Head.read(tx)));
  }

  /** A version with its text. */
  public record Document(Version version, String text) {}

  /**
   * One version.
   *
   * @throws io.guardbee.pki.RefusedException {@code POLICY_UNKNOWN}
   */
  public Document document(long number) {
    return database.transact(
        tx ->
            Versions.find(tx, Head.read(tx), number)
                .flatMap(
                    version -> Versions.text(tx, number).map(text -> new Document(version, text)))
                .orElseThrow(() -> Orders.unknown("there is no version " + number)));
  }
}
