package io.guardbee.service.broker;

import io.guardbee.service.attempt.Attempts;
import io.guardbee.service.feed.BrokerNodes;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.policy.ObservedRefusals;
import io.guardbee.service.store.Database;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The broker nodes: what they report, and how they are. Thread-safe. */
public final class Brokers {

  private final NodeReports reports;
  private final BrokerNodes nodes;
  private final EventLog log;
  private final Attempts attempts;
  private final ObservedRefusals observed;
  private final CloneAlarms clones;
  private final Clock clock;

  /** What it works with. */
  public record Parts(
      Database database,
      BrokerNodes nodes,
      EventLog log,
      Attempts attempts,
      ObservedRefusals observed) {}

  public Brokers(Parts parts, Suspender suspender, Clock clock) {
    this.reports = new NodeReports(parts.database());
    this.nodes = parts.nodes();
    this.log = parts.log();
    this.attempts = parts.attempts();
    this.observed = parts.observed();
    this.clones = new CloneAlarms(parts.database(), parts.attempts(), suspender, clock);
    this.clock = clock;
  }

  /**
   * Takes a report. What of it can be told again without harm comes first: a broker that gets no
   * answer tells it again.
   *
   * @param node the name in the broker's certificate
   */
  public void reported(String node, NodeReport report) {
    Instant now = clock.instant();
    reports.write(node, report, now);
    report.eachClone().forEach(alarm -> clones.raise(node, alarm));
    report
        .eachRefusal()
        .forEach(
            refusal ->
                attempts.record(
                    DoorRefusal.attempt(node, refusal), refusal.at() == null ? now : refusal.at()));
    Map<Long, List<ObservedRefusals.Refusal>> byVersion =
        report
            .eachObservation()
            .collect(
                Collectors.groupingBy(
                    NodeReport.Observation::version,
                    Collectors.mapping(NodeReport.Observation::refusal, Collectors.toList())));
    byVersion.forEach(observed::add);
  }

  /**
   * All nodes.
   *
   * @param lastEvent the newest of the feed
   */
  public record All(List<NodeStatus> brokers, long lastEvent) {
    public All {
      brokers = List.copyOf(brokers);
    }
  }

  /** Those that have reported within a month, and those whose feed is open. */
  public All all() {
    nodes.refresh();
    Set<String> connected = nodes.connected();
    Set<String> silent = new TreeSet<>(connected);
    long last = log.lastEvent();
    List<NodeStatus> all = new ArrayList<>();
    for (NodeStatus status : reports.all()) {
      silent.remove(status.node());
      all.add(following(status, connected, last));
    }
    silent.forEach(node -> all.add(following(NodeStatus.silent(node), connected, last)));
    return new All(all, last);
  }

  private NodeStatus following(NodeStatus status, Set<String> connected, long last) {
    boolean open = connected.contains(status.node());
    return status.following(open, open ? nodes.position(status.node()) : 0, last);
  }

  /** Forgets nodes that are gone; to be called now and then. */
  public void tidy() {
    reports.forget(clock.instant());
  }
}
