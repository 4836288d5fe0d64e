package io.guardbee.broker.door;

import io.guardbee.broker.policy.Policy;
import io.guardbee.broker.policy.Rights;
import io.guardbee.broker.policy.RightsChange;
import io.guardbee.broker.report.PolicyAnswer;
import io.guardbee.broker.report.PolicyAnswer.Affected;
import io.guardbee.pki.RefusedException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Whom a policy affects: counted exactly, listed up to a bound. Thread-safe. */
final class Effects {

  static final int MOST_LISTED = 1000;

  private final Policy policy;
  private final AtomicInteger looked = new AtomicInteger();
  private final AtomicInteger affected = new AtomicInteger();
  private final Queue<Affected> listed = new ConcurrentLinkedQueue<>();

  Effects(Policy policy) {
    this.policy = policy;
  }

  /** Compares what a connection may do with what it may by the policy. */
  void look(LiveConnection connection) {
    Rights before = connection.rights();
    if (before == null || connection.isDisarmed()) {
      return; // on its way in or out
    }
    looked.incrementAndGet();
    String device = connection.visitor().name();
    try {
      Rights after = Door.rights(policy, connection);
      RightsChange change = before.changeTo(after);
      if (!change.isEmpty()) {
        add(
            new Affected(
                device,
                connection.clientId(),
                before.rule(),
                after.rule(),
                change.lost(),
                change.gained()));
      }
    } catch (RefusedException e) {
      String after = e.reason() + ": " + e.detail();
      add(
          new Affected(
              device, connection.clientId(), before.rule(), after, List.of("connect"), List.of()));
    }
  }

  private void add(Affected effect) {
    if (affected.incrementAndGet() <= MOST_LISTED) {
      listed.add(effect);
    }
  }

  PolicyAnswer answer(long version, String mode, String outcome) {
    return new PolicyAnswer(
        version, mode, outcome, "", looked.get(), affected.get(), List.copyOf(listed));
  }
}
