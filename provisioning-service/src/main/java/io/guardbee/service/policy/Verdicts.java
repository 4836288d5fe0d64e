package io.guardbee.service.policy;

import io.guardbee.service.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * What brokers say of a version. A broker that refuses it is named; what is in force stays in force
 * until an operator decides otherwise. Thread-safe.
 */
final class Verdicts {

  /** A node that changes its mind again and again fills no audit log. */
  private static final Duration ONCE = Duration.ofMinutes(1);

  private final Database database;
  private final Answers answers;
  private final Steps steps;

  Verdicts(Database database, Answers answers, Steps steps) {
    this.database = database;
    this.answers = answers;
    this.steps = steps;
  }

  /** A new version that was refused before it was in force anywhere does not come into force. */
  void giveUp(Order trial) {
    database.transact(
        tx -> {
          Head unused = Head.lock(tx);
          Versions.refused(tx, trial.version());
          return true;
        });
  }

  /** Notes what a broker answers. */
  void answered(Answer answer) {
    database.transact(
        tx -> {
          Head head = Head.read(tx);
          if (Versions.find(tx, head, answer.version()).isEmpty()) {
            return false; // its own file's, or of a database that was put back
          }
          if (answer.isRefusal() && isNews(tx, answer)) {
            Mode.parse(answer.mode())
                .ifPresent(
                    mode ->
                        steps.refused(tx, mode, answer.version(), answer.node(), answer.detail()));
          }
          answers.put(tx, answer);
          database.tell(tx);
          return true;
        });
  }

  private boolean isNews(Handle tx, Answer refusal) {
    Instant before = steps.now().minus(ONCE);
    List<Answer> known =
        answers.of(tx, refusal.version(), refusal.mode()).values().stream()
            .filter(answer -> answer.node().equals(refusal.node()))
            .toList();
    return known.stream().allMatch(answer -> !answer.isRefusal() && answer.at().isBefore(before));
  }
}
