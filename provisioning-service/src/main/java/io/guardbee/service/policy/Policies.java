package io.guardbee.service.policy;

import io.guardbee.service.audit.Actor;
import io.guardbee.service.feed.BrokerNodes;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.feed.StatusFeed;
import io.guardbee.service.store.Database;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Changes the policy of all brokers. A new version is first shown to every broker that is
 * connected. If one of them refuses it, nothing changes unless the operator has named that broker.
 * What is in force stays in force whatever a broker says; a broker that refuses it takes no new
 * connections. Thread-safe.
 */
public final class Policies {

  private static final String SUPERSEDED = "is in force no more";

  private final Database database;
  private final StatusFeed feed;
  private final BrokerNodes nodes;
  private final Orders orders;
  private final Verdicts verdicts;
  private final Waiting waiting;
  private final Duration patience;

  /** What it works with. */
  public record Parts(
      Database database, EventLog log, StatusFeed feed, BrokerNodes nodes, JsonMapper json) {}

  /**
   * @param patience how long an order waits for connected brokers
   */
  public Policies(Parts parts, Duration patience, Clock clock) {
    this.database = parts.database();
    this.feed = parts.feed();
    this.nodes = parts.nodes();
    Answers answers = new Answers(parts.json());
    Steps steps = new Steps(parts.log(), answers, clock);
    this.orders = new Orders(database, answers, steps);
    this.verdicts = new Verdicts(database, answers, steps);
    this.waiting = new Waiting(database, answers, nodes);
    this.patience = patience;
  }

  /**
   * Hands in a new version. The text in force again changes nothing.
   *
   * @param mode not {@link Mode#WITHDRAW}
   * @param despite nodes whose refusal does not keep it from coming into force
   */
  public Receipt apply(Draft draft, Mode mode, Set<String> despite, Actor by)
      throws InterruptedException {
    Round round = new Round();
    return switch (mode) {
      case ENFORCE -> enforce(draft, despite, by, round);
      case OBSERVE -> round.receipt(orders.observe(draft, by));
      case FORESEE -> round.receipt(orders.foresee(draft, Mode.FORESEE, by));
      case WITHDRAW -> throw new IllegalArgumentException("withdraw is no way to hand in a policy");
    };
  }

  private Receipt enforce(Draft draft, Set<String> despite, Actor by, Round round)
      throws InterruptedException {
    nodes.refresh();
    if (nodes.connected().isEmpty()) {
      return round.receipt(orders.enforce(draft, by));
    }
    Order trial = orders.foresee(draft, Mode.ENFORCE, by);
    if (!trial.isTold()) {
      return round.receipt(trial);
    }
    List<Receipt.Node> views = round.trial(trial);
    if (isRefused(views, despite)) {
      verdicts.giveUp(trial);
      return round.refused(trial, views, despite);
    }
    return round.receipt(orders.enforce(trial.version(), by));
  }

  private static boolean isRefused(List<Receipt.Node> views, Set<String> despite) {
    return views.stream().anyMatch(node -> node.isRefusal() && !despite.contains(node.node()));
  }

  /**
   * Puts an earlier version in force again.
   *
   * @param to empty for the one before
   * @throws io.guardbee.pki.RefusedException {@code POLICY_UNKNOWN}
   */
  public Receipt rollback(OptionalLong to, Actor by) throws InterruptedException {
    return new Round().receipt(orders.rollback(to, by));
  }

  /**
   * Puts in force what is observed.
   *
   * @param despite as for {@link #apply}
   * @throws io.guardbee.pki.RefusedException {@code POLICY_UNKNOWN} when nothing is
   */
  public Receipt promote(Set<String> despite, Actor by) throws InterruptedException {
    Round round = new Round();
    nodes.refresh();
    if (nodes.connected().isEmpty()) {
      return round.receipt(orders.promote(by));
    }
    Order trial = orders.tryObserved();
    List<Receipt.Node> views = round.trial(trial);
    return isRefused(views, despite)
        ? round.refused(trial, views, despite)
        : round.receipt(orders.promote(trial.version(), by));
  }

  /**
   * Ends the observation.
   *
   * @throws io.guardbee.pki.RefusedException {@code POLICY_UNKNOWN} when nothing is observed
   */
  public Receipt withdraw(Actor by) throws InterruptedException {
    Round round = new Round();
    Order order = orders.withdraw(by);
    feed.published(order.event());
    List<Receipt.Node> acknowledged =
        nodes.await(order.event(), round.left()).nodes().stream()
            .map(
                node ->
                    node.acknowledged()
                        ? Receipt.Node.applied(node.node())
                        : unacknowledged(node.node(), node.notReachedSince()))
            .toList();
    return round.receipt(order, acknowledged);
  }

  private static Receipt.Node unacknowledged(String node, @Nullable Instant since) {
    return since == null ? Receipt.Node.silent(node) : Receipt.Node.notReached(node, since);
  }

  /** One order from its beginning to its receipt. */
  private final class Round {
    private final long start = System.nanoTime();
    private final long deadline = start + patience.toNanos();

    /** What brokers say to a version that is not in force yet. It has half of the time. */
    List<Receipt.Node> trial(Order order) throws InterruptedException {
      feed.published(order.event());
      return waiting.await(order, start + patience.toNanos() / 2);
    }

    Duration left() {
      return Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
    }

    Receipt receipt(Order order) throws InterruptedException {
      if (!order.isTold()) {
        return receipt(order, List.of());
      }
      feed.published(order.event());
      return receipt(order, waiting.await(order, deadline));
    }

    /** Nothing has changed: a broker that was asked first does not take it. */
    Receipt refused(Order trial, List<Receipt.Node> said, Set<String> despite) {
      String refusals =
          said.stream()
              .filter(node -> node.isRefusal() && !despite.contains(node.node()))
              .map(node -> node.node() + ": " + node.detail())
              .collect(Collectors.joining("; "));
      return receipt(
          new Order(trial.version(), trial.mode(), Answer.REFUSED, refusals, trial.event()), said);
    }

    Receipt receipt(Order order, List<Receipt.Node> said) {
      Head head = database.transact(Head::read);
      String detail = order.detail();
      if (order.outcome().equals("applied") && head.inForce() != order.version()) {
        detail = "version " + order.version() + " " + SUPERSEDED;
      }
      return new Receipt(
          order.version(),
          order.mode().toString(),
          order.outcome(),
          detail,
          order.event(),
          Duration.ofNanos(System.nanoTime() - start).toMillis(),
          head.inForce(),
          said);
    }
  }

  /** A broker has answered an order. */
  public void answered(Answer answer) {
    verdicts.answered(answer);
    waiting.wake();
  }

  /** Another replica may have heard an answer. */
  public void look() {
    waiting.wake();
  }
}
