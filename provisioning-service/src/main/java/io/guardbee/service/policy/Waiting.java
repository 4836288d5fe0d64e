package io.guardbee.service.policy;

import io.guardbee.service.feed.BrokerNodes;
import io.guardbee.service.store.Database;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Waits for what brokers answer, here or at another replica. Thread-safe. */
final class Waiting {

  /** Word from another replica may be lost. */
  private static final long LOOK_MILLIS = 500;

  private final Database database;
  private final Answers answers;
  private final BrokerNodes nodes;
  private final Object news = new Object();
  private long told;

  Waiting(Database database, Answers answers, BrokerNodes nodes) {
    this.database = database;
    this.answers = answers;
    this.nodes = nodes;
  }

  /** There may be an answer. */
  void wake() {
    synchronized (news) {
      told++;
      news.notifyAll();
    }
  }

  /**
   * What the brokers that are connected now answer to an order that is committed. One that goes
   * away meanwhile, or was away before but heard of lately, is told as not reached, unless it has
   * answered.
   *
   * @param deadline by {@link System#nanoTime()}
   */
  List<Receipt.Node> await(Order order, long deadline) throws InterruptedException {
    nodes.refresh();
    Set<String> expected = nodes.connected();
    while (true) {
      long seen = told();
      Map<String, Answer> said =
          database.transact(tx -> answers.of(tx, order.version(), order.mode()));
      Set<String> connected = nodes.connected();
      boolean pending =
          expected.stream().anyMatch(node -> connected.contains(node) && !said.containsKey(node));
      long left = deadline - System.nanoTime();
      if (!pending || left <= 0) {
        return receipt(expected, nodes.away(), said);
      }
      rest(seen, Math.max(1, Math.min(LOOK_MILLIS, left / 1_000_000)));
    }
  }

  private static List<Receipt.Node> receipt(
      Set<String> expected, Map<String, Instant> away, Map<String, Answer> said) {
    Set<String> named = new TreeSet<>(expected);
    named.addAll(away.keySet());
    List<Receipt.Node> all = new ArrayList<>();
    for (String node : named) {
      Answer answer = said.get(node);
      Instant since = away.get(node);
      if (answer != null) {
        all.add(Receipt.Node.of(answer));
      } else {
        all.add(since == null ? Receipt.Node.silent(node) : Receipt.Node.notReached(node, since));
      }
    }
    return all;
  }

  private long told() {
    synchronized (news) {
      return told;
    }
  }

  private void rest(long seen, long millis) throws InterruptedException {
    synchronized (news) {
      long deadline = System.nanoTime() + millis * 1_000_000;
      for (long left = millis; told == seen && left > 0; ) {
        news.wait(left);
        left = (deadline - System.nanoTime()) / 1_000_000;
      }
    }
  }
}
