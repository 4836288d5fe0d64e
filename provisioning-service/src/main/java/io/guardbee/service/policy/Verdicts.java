package io.guardbee.service.policy;

import io.guardbee.service.audit.Action;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.store.Database;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/**
 * What brokers say of a version, and what follows when one of them refuses it: brokers that follow
 * different policies are to be so for an instant only. Thread-safe.
 */
final class Verdicts {

  private final Database database;
  private final Answers answers;
  private final Steps steps;

  Verdicts(Database database, Answers answers, Steps steps) {
    this.database = database;
    this.answers = answers;
    this.steps = steps;
  }

  /** A version that was refused before it was in force anywhere never comes into force. */
  void giveUp(long version, String node, String why) {
    database.transact(
        tx -> {
          Head unused = Head.lock(tx);
          steps.refused(tx, version, node, why);
          return true;
        });
  }

  /**
   * Notes what a broker answers. A refusal of a version on trial takes it back at once, whoever
   * waits for it, and whether or not anybody still does.
   *
   * @return the event that puts the version before in force again, or ends the observation
   */
  OptionalLong answered(Answer answer) {
    return database.transact(
        tx -> {
          Head head = answer.isRefusal() ? Head.lock(tx) : Head.read(tx);
          if (Versions.find(tx, head, answer.version()).isEmpty()) {
            return OptionalLong.empty(); // its own file's, or of a database that was put back
          }
          answers.put(tx, answer);
          database.tell(tx);
          return answer.isRefusal() ? takeBack(tx, head, answer) : OptionalLong.empty();
        });
  }

  private OptionalLong takeBack(Handle tx, Head head, Answer refusal) {
    long version = refusal.version();
    if (refusal.isOf(Mode.OBSERVE) && version == head.observed()) {
      return steps.isObservedOnTrial(head) ? endObservation(tx, refusal) : OptionalLong.empty();
    }
    boolean onTrial =
        refusal.isOf(Mode.ENFORCE) && version == head.inForce() && head.isOnTrial(steps.now());
    OptionalLong before = Versions.before(tx, version);
    if (!onTrial || before.isEmpty()) {
      return OptionalLong.empty();
    }
    steps.refused(tx, version, refusal.node(), refusal.detail());
    Order back =
        steps.enforce(tx, head, before.getAsLong(), Action.POLICY_ROLLED_BACK, Actor.SERVICE);
    return OptionalLong.of(back.event());
  }

  private OptionalLong endObservation(Handle tx, Answer refusal) {
    steps.refused(tx, refusal.version(), refusal.node(), refusal.detail());
    Head.withdraw(tx);
    return OptionalLong.of(steps.tell(tx, refusal.version(), Mode.WITHDRAW));
  }
}
