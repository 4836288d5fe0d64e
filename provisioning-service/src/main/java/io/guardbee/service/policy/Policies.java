package io.guardbee.service.policy;

import io.guardbee.service.audit.Actor;
import io.guardbee.service.feed.BrokerNodes;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.feed.StatusFeed;
import io.guardbee.service.store.Database;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/**
 * Changes the policy of all brokers. A new version is first shown to every broker that is
 * connected, and comes into force nowhere if one of them refuses it; one that refuses it after all
 * has the version before put in force again everywhere. Thread-safe.
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
    Steps steps = new Steps(parts.log(), answers, patience, clock);
    this.orders = new Orders(database, answers, steps);
    this.verdicts = new Verdicts(database, answers, steps);
    this.waiting = new Waiting(database, answers, nodes);
    this.patience = patience;
  }

  /**
   * Hands in a new version. The text in force again changes nothing.
   *
   * @param mode not {@link Mode#WITHDRAW}
   */
  public Receipt apply(Draft draft, Mode mode, Actor by) throws InterruptedException {
    Round round = new Round();
    return switch (mode) {
      case ENFORCE -> enforce(draft, by, round);
      case OBSERVE -> round.receipt(orders.observe(draft, by));
      case FORESEE -> round.receipt(orders.foresee(draft, Mode.FORESEE, by));
      case WITHDRAW -> throw new IllegalArgumentException("withdraw is no way to hand in a policy");
    };
  }

  private Receipt enforce(Draft draft, Actor by, Round round) throws InterruptedException {
    nodes.refresh();
    if (nodes.connected().isEmpty()) {
      return round.receipt(orders.enforce(draft, by));
    }
    Order foreseen = orders.foresee(draft, Mode.ENFORCE, by);
    if (!foreseen.isTold()) {
      return round.receipt(foreseen);
    }
    feed.published(foreseen.event());
    List<Receipt.Node> views = waiting.await(foreseen, round.half());
    Optional<Receipt.Node> refusal = views.stream().filter(Receipt.Node::isRefusal).findFirst();
    if (refusal.isPresent()) {
      verdicts.giveUp(foreseen.version(), refusal.get().node(), refusal.get().detail());
      return round.refused(foreseen, views);
    }
    return round.receipt(orders.enforce(foreseen.version(), by));
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
   * @throws io.guardbee.pki.RefusedException {@code POLICY_UNKNOWN} when nothing is
   */
  public Receipt promote(Actor by) throws InterruptedException {
    return new Round().receipt(orders.promote(by));
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
                        ? new Receipt.Node(node.node(), "applied", "", 0, 0, List.of())
                        : Receipt.Node.silent(node.node()))
            .toList();
    return round.receipt(order, acknowledged);
  }

  /** One order from its beginning to its receipt. */
  private final class Round {
    private final long start = System.nanoTime();
    private final long deadline = start + patience.toNanos();

    /** Of two questions the first has half of the time. */
    long half() {
      return start + patience.toNanos() / 2;
    }

    Duration left() {
      return Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
    }

    Receipt receipt(Order order) throws InterruptedException {
      if (!order.isTold()) {
        return receipt(order, List.of());
      }
      feed.published(order.event());
      List<Receipt.Node> said = waiting.await(order, deadline);
      return said.stream().anyMatch(Receipt.Node::isRefusal)
          ? refused(order, said)
          : receipt(order, said);
    }

    Receipt refused(Order order, List<Receipt.Node> said) {
      String who =
          said.stream()
              .filter(Receipt.Node::isRefusal)
              .map(node -> node.node() + ": " + node.detail())
              .collect(Collectors.joining("; "));
      return receipt(
          new Order(order.version(), order.mode(), Answer.REFUSED, who, order.event()), said);
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
    verdicts.answered(answer).ifPresent(feed::published);
    waiting.wake();
  }

  /** Another replica may have heard an answer. */
  public void look() {
    waiting.wake();
  }
}
