package io.guardbee.broker.door;

import io.guardbee.broker.policy.PolicyInForce;
import io.guardbee.broker.report.PolicyAnswer;
import io.guardbee.broker.report.Reports;
import io.guardbee.broker.status.Instructions.PolicyOrder;
import io.guardbee.pki.RefusedException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out what the service orders of policies, and answers. By the feed's one thread. */
final class PolicyDesk {

  private static final Logger LOG = LoggerFactory.getLogger(PolicyDesk.class);

  private final PolicyInForce policy;
  private final LiveConnections live;
  private final Changes changes;
  private final Reports reports;
  private final Executor executor;

  PolicyDesk(
      PolicyInForce policy,
      LiveConnections live,
      Changes changes,
      Reports reports,
      Executor executor) {
    this.policy = policy;
    this.live = live;
    this.changes = changes;
    this.reports = reports;
    this.executor = executor;
  }

  void carryOut(PolicyOrder order) {
    try {
      switch (order.mode()) {
        case ENFORCE -> enforce(order);
        case OBSERVE -> observe(order);
        case FORESEE -> foresee(order);
        case WITHDRAW -> withdraw(order);
      }
    } catch (RefusedException e) {
      LOG.error("policy version {} refused: {}", order.version(), e.line());
      refuse(order, e);
    } catch (RuntimeException e) {
      LOG.error("a defect of Guardbee refuses policy version {}", order.version(), e);
      refuse(order, ConnectCheck.defect());
    }
  }

  /** The service has none in force. */
  void none() {
    try {
      policy.noneInForce();
    } catch (RefusedException e) {
      LOG.error("no new connections: {}", e.line());
    }
  }

  private void refuse(PolicyOrder order, RefusedException why) {
    reports.answer(
        new PolicyAnswer(
            order.version(), mode(order), "refused", why.line(), live.size(), 0, List.of()));
  }

  private static String mode(PolicyOrder order) {
    return order.mode().name().toLowerCase(Locale.ROOT);
  }

  /** New connections are decided by it from here on; those that are in follow in batches. */
  private void enforce(PolicyOrder order) {
    policy.enforce(order.version(), order.text());
    Effects effects = new Effects(policy.current());
    answerAfter(
        Batches.each(
            live.all(),
            executor,
            connection -> {
              effects.look(connection);
              changes.reconsider(connection);
            }),
        order,
        effects,
        "applied");
  }

  private void observe(PolicyOrder order) {
    policy.observe(order.version(), order.text());
    Effects effects = new Effects(policy.foresee(order.version(), order.text()));
    answerAfter(
        Batches.each(
            live.all(),
            executor,
            connection -> {
              effects.look(connection);
              changes.reconsider(connection);
            }),
        order,
        effects,
        "applied");
  }

  private void foresee(PolicyOrder order) {
    Effects effects = new Effects(policy.foresee(order.version(), order.text()));
    answerAfter(Batches.each(live.all(), executor, effects::look), order, effects, "foreseen");
  }

  private void withdraw(PolicyOrder order) {
    policy.withdraw(order.version());
    answerAfter(
        Batches.each(live.all(), executor, changes::reconsider),
        order,
        new Effects(policy.current()),
        "applied");
  }

  private void answerAfter(
      CompletableFuture<Void> done, PolicyOrder order, Effects effects, String outcome) {
    CompletableFuture<Void> unused =
        done.thenRun(
            () -> {
              PolicyAnswer answer = effects.answer(order.version(), mode(order), outcome);
              LOG.info(
                  "policy version {} {}: {}, {} of {} connections affected",
                  order.version(),
                  mode(order),
                  outcome,
                  answer.affectedCount(),
                  answer.connections());
              reports.answer(answer);
            });
  }
}
