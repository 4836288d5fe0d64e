package io.guardbee.broker.door;

import io.guardbee.broker.limit.Budgets;
import io.guardbee.broker.policy.Limits;
import io.guardbee.broker.policy.Rights;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Keeps identities to the rates of their rules. Thread-safe, never waits. */
final class Meter {

  private final Budgets budgets = new Budgets();
  private final Bouncer bouncer;
  private final Ledger ledger;
  private final LongSupplier nanos;

  /**
   * @param nanos a clock such as {@link System#nanoTime}
   */
  Meter(Bouncer bouncer, Ledger ledger, LongSupplier nanos) {
    this.bouncer = bouncer;
    this.ledger = ledger;
    this.nanos = nanos;
  }

  static boolean isNeededBy(Rights rights) {
    return Budgets.metersPublishes(rights.limits());
  }

  /** Counts a CONNECT; refused when there are too many. */
  void connect(LiveConnection connection, Limits limits) {
    if (!limits.connects().isLimited()) {
      return;
    }
    long now = nanos.getAsLong();
    String owner = connection.visitor().owner();
    if (!budgets.of(owner, limits, now).connect(now)) {
      throw excess("CONNECTs", limits.connects());
    }
  }

  /** Counts a PUBLISH; why it goes beyond the rates, null when it does not. */
  @Nullable RefusedException excess(LiveConnection connection, Limits limits, int payload) {
    if (!Budgets.metersPublishes(limits)) {
      return null;
    }
    long now = nanos.getAsLong();
    String what = budgets.of(connection.visitor().owner(), limits, now).publish(payload, now);
    return switch (what) {
      case "" -> null;
      case "bytes" -> excess("bytes of messages", limits.bytes());
      default -> excess("messages", limits.messages());
    };
  }

  private static RefusedException excess(String what, Limits.Rate rate) {
    return new RefusedException(
        Reason.RATE_LIMITED,
        "more than " + rate + " " + what,
        "send less, or have the policy allow more");
  }

  /** For a client that is told by an acknowledgement, and stays. */
  void tell(LiveConnection connection, RefusedException excess) {
    ledger.limited(connection, "publish", excess);
  }

  /** For a client that cannot be told otherwise; its Will is as it would be at any loss. */
  void end(LiveConnection connection, RefusedException excess) {
    bouncer.sendAway(connection, excess, true);
  }

  void tidy() {
    budgets.tidy(nanos.getAsLong());
  }
}
