package io.guardbee.service.feed;

import io.guardbee.service.store.Database;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.json.JsonMapper;

/** What is in force, for a broker that does not know it. Thread-safe. */
final class WholeStatus {

  private final Database database;
  private final JsonMapper json;
  private final Blocked blocked;
  private final Clock clock;

  WholeStatus(Database database, JsonMapper json, Clock clock) {
    this.database = database;
    this.json = json;
    this.clock = clock;
    this.blocked = new Blocked(database, clock);
  }

  /** The certificates that are not to come in. */
  Blocked blocked() {
    return blocked;
  }

  /**
   * Whom to believe and which policies to follow after exactly that event.
   *
   * @param instructions with event 0: they are no events
   */
  record Head(long event, List<FeedMessage> instructions) {}

  /**
   * The instructions in force. No event is numbered meanwhile: they belong to that one.
   *
   * @param node to whom: one that has observed a version until it went away may have missed that
   *     nobody does any more
   */
  Head head(String node) {
    return database.transact(
        tx -> {
          long event =
              tx.createQuery("select last_event from feed_counter for update")
                  .mapTo(Long.class)
                  .one();
          List<FeedMessage> instructions = new ArrayList<>();
          trust(tx).ifPresent(instructions::add);
          policy(tx, "in_force", "enforce").ifPresent(instructions::add);
          policy(tx, "observed", "observe").ifPresent(instructions::add);
          withdrawn(tx, node).ifPresent(instructions::add);
          instructions.addAll(RestoreWindows.head(tx, clock.instant()));
          return new Head(event, instructions);
        });
  }

  private Optional<FeedMessage.Trust> trust(Handle tx) {
    return tx.createQuery("select body from feed_trust where body <> ''")
        .mapTo(String.class)
        .findOne()
        .map(body -> json.readValue(body, FeedMessage.Trust.class));
  }

  private static Optional<FeedMessage.Policy> policy(Handle tx, String which, String mode) {
    return tx.createQuery(
            "select v.version, v.document from policy_head h join policy_version v"
                + " on v.version = h."
                + which)
        .map(
            (row, context) ->
                new FeedMessage.Policy(0, row.getLong("version"), mode, row.getString("document")))
        .findOne();
  }

  private static Optional<FeedMessage.Policy> withdrawn(Handle tx, String node) {
    return tx.createQuery(
            "select r.policy_observed from broker_report r, policy_head h where r.node = :node"
                + " and r.policy_observed > 0 and h.observed is null"
                + " and r.policy_observed <= h.last_version")
        .bind("node", node)
        .mapTo(Long.class)
        .findOne()
        .map(version -> new FeedMessage.Policy(0, version, "withdraw", ""));
  }

  /** The line for an event that tells of a policy. */
  FeedMessage whole(FeedMessage.Policy told) {
    return database
        .transact(
            tx ->
                tx.createQuery("select document from policy_version where version = :version")
                    .bind("version", told.version())
                    .mapTo(String.class)
                    .findOne())
        .<FeedMessage>map(told::with)
        .orElseGet(() -> new FeedMessage.Nothing(told.event()));
  }
}
