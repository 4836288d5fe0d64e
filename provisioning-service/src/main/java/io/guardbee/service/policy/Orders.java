package io.guardbee.service.policy;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.audit.Action;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.store.Database;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import org.jdbi.v3.core.Handle;

/**
 * What operators want of the policy: each change is one transaction with its event in the feed and
 * its entry in the audit log, and holds the head's lock, so that they happen one after the other on
 * all replicas. Thread-safe.
 */
final class Orders {

  private final Database database;
  private final Answers answers;
  private final Steps steps;

  Orders(Database database, Answers answers, Steps steps) {
    this.database = database;
    this.answers = answers;
    this.steps = steps;
  }

  private Order alone(BiFunction<Handle, Head, Order> change) {
    return database.transact(
        tx -> {
          Head head = Head.lock(tx);
          answers.forget(tx, head);
          return change.apply(tx, head);
        });
  }

  private static Optional<Order> known(Handle tx, Head head, Draft draft, Mode mode) {
    if (isText(tx, head.inForce(), draft)) {
      return Optional.of(
          Order.unchanged(
              head.inForce(), mode, "version " + head.inForce() + " in force has this text"));
    }
    return mode == Mode.OBSERVE && isText(tx, head.observed(), draft)
        ? Optional.of(
            Order.unchanged(
                head.observed(), mode, "version " + head.observed() + " observed has this text"))
        : Optional.empty();
  }

  private static boolean isText(Handle tx, long version, Draft draft) {
    return version > 0 && Versions.text(tx, version).filter(draft.text()::equals).isPresent();
  }

  private long add(Handle tx, Head head, Draft draft, Mode mode, Actor by) {
    long version = head.next(tx);
    Versions.add(tx, version, draft, mode, by, steps.now());
    return version;
  }

  /** A new version, only to be told whom it would affect. */
  Order foresee(Draft draft, Mode mode, Actor by) {
    return alone(
        (tx, head) ->
            known(tx, head, draft, mode)
                .orElseGet(
                    () -> {
                      long version = add(tx, head, draft, mode, by);
                      long event = steps.tell(tx, version, Mode.FORESEE);
                      steps.record(
                          tx, Action.POLICY_FORESEEN, by, version, Map.of("note", draft.comment()));
                      return Order.told(version, Mode.FORESEE, "foreseen", event);
                    }));
  }

  /** A new version, observed from now on in the place of any other. */
  Order observe(Draft draft, Actor by) {
    return alone(
        (tx, head) ->
            known(tx, head, draft, Mode.OBSERVE)
                .orElseGet(
                    () -> {
                      long version = add(tx, head, draft, Mode.OBSERVE, by);
                      Versions.observed(tx, version);
                      Head.observe(tx, version, steps.now());
                      ObservedRefusals.begin(tx, version);
                      long event = steps.tell(tx, version, Mode.OBSERVE);
                      steps.record(
                          tx, Action.POLICY_OBSERVED, by, version, Map.of("note", draft.comment()));
                      return Order.told(version, Mode.OBSERVE, "observed", event);
                    }));
  }

  /** A new version, in force at once. */
  Order enforce(Draft draft, Actor by) {
    return alone(
        (tx, head) ->
            known(tx, head, draft, Mode.ENFORCE)
                .orElseGet(
                    () -> {
                      long version = add(tx, head, draft, Mode.ENFORCE, by);
                      return steps.enforce(tx, head, version, Action.POLICY_APPLIED, by);
                    }));
  }

  /** A version that was foreseen, unless a newer one has come into force since. */
  Order enforce(long version, Actor by) {
    return alone(
        (tx, head) ->
            head.inForce() > version
                ? new Order(
                    version,
                    Mode.ENFORCE,
                    "overtaken",
                    "version " + head.inForce() + " came into force meanwhile",
                    0)
                : steps.enforce(tx, head, version, Action.POLICY_APPLIED, by));
  }

  /** The version that is observed, in force from now on. */
  Order promote(Actor by) {
    return alone(
        (tx, head) -> steps.enforce(tx, head, requireObserved(head), Action.POLICY_PROMOTED, by));
  }

  /** The same for the version that brokers were asked about, unless it is observed no more. */
  Order promote(long version, Actor by) {
    return alone(
        (tx, head) ->
            requireObserved(head) == version
                ? steps.enforce(tx, head, version, Action.POLICY_PROMOTED, by)
                : new Order(
                    version,
                    Mode.ENFORCE,
                    "overtaken",
                    "version " + head.observed() + " is observed by now",
                    0));
  }

  /** Brokers are asked whether they take the version that is observed. */
  Order tryObserved() {
    return alone(
        (tx, head) -> {
          long version = requireObserved(head);
          long event = steps.tell(tx, version, Mode.FORESEE);
          return Order.told(version, Mode.FORESEE, "foreseen", event);
        });
  }

  /** Observed no more. */
  Order withdraw(Actor by) {
    return alone(
        (tx, head) -> {
          long version = requireObserved(head);
          Head.withdraw(tx);
          long event = steps.tell(tx, version, Mode.WITHDRAW);
          steps.record(tx, Action.POLICY_WITHDRAWN, by, version, Map.of());
          return Order.told(version, Mode.WITHDRAW, "withdrawn", event);
        });
  }

  private static long requireObserved(Head head) {
    return head.observedVersion()
        .orElseThrow(
            () ->
                new RefusedException(
                    Reason.POLICY_UNKNOWN,
                    "no version of the policy is observed",
                    "hand one in with mode observe first: guardbee policy apply FILE --observe"));
  }

  /**
   * A version in force again.
   *
   * @param to empty for the one before
   */
  Order rollback(OptionalLong to, Actor by) {
    return alone(
        (tx, head) -> {
          long version = to.isPresent() ? to.getAsLong() : requireBefore(tx, head);
          Version target =
              Versions.find(tx, head, version)
                  .orElseThrow(() -> unknown("there is no version " + version));
          if (version == head.inForce()) {
            return Order.unchanged(version, Mode.ENFORCE, "version " + version + " is in force");
          }
          if (!target.state().equals("before")) {
            throw unknown(
                "version " + version + " is " + target.state() + " and never was in force");
          }
          return steps.enforce(tx, head, version, Action.POLICY_ROLLED_BACK, by);
        });
  }

  private static long requireBefore(Handle tx, Head head) {
    return Versions.before(tx, head.inForce())
        .orElseThrow(
            () ->
                unknown(
                    head.inForce() == 0
                        ? "no version of the policy is in force"
                        : "version " + head.inForce() + " is the first that was in force"));
  }

  static RefusedException unknown(String detail) {
    return new RefusedException(
        Reason.POLICY_UNKNOWN, detail, "see which there are: guardbee policy versions");
  }
}
