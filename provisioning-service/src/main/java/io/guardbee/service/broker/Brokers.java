package io.guardbee.service.broker;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.attempt.Attempts;
import io.guardbee.service.audit.Action;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.audit.Audit;
import io.guardbee.service.audit.Entry;
import io.guardbee.service.config.Config;
import io.guardbee.service.device.Devices;
import io.guardbee.service.feed.BrokerNodes;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.feed.FeedMessage;
import io.guardbee.service.feed.Totals;
import io.guardbee.service.policy.ObservedRefusals;
import io.guardbee.service.policy.PolicyRecords;
import io.guardbee.service.revocation.PredecessorAlarms;
import io.guardbee.service.revocation.UnconfirmedCertificates;
import io.guardbee.service.store.Database;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The broker nodes: what they report, and how they are. Thread-safe. */
public final class Brokers {

  private final Database database;
  private final NodeReports reports;
  private final BrokerNodes nodes;
  private final EventLog log;
  private final Attempts attempts;
  private final ObservedRefusals observed;
  private final CloneAlarms clones;
  private final NodeAlarms alarms;
  private final FirstUses firstUses;
  private final UnconfirmedCertificates unconfirmed;
  private final Clock clock;

  /** What it works with. */
  public record Parts(
      Database database,
      BrokerNodes nodes,
      EventLog log,
      Attempts attempts,
      ObservedRefusals observed,
      Devices devices,
      PredecessorAlarms predecessors,
      UnconfirmedCertificates unconfirmed) {}

  public Brokers(Parts parts, Suspender suspender, Config.Clones settings, Clock clock) {
    this.database = parts.database();
    this.reports = new NodeReports(parts.database());
    this.alarms = new NodeAlarms(parts.database());
    this.nodes = parts.nodes();
    this.log = parts.log();
    this.attempts = parts.attempts();
    this.observed = parts.observed();
    this.clones =
        new CloneAlarms(
            parts.database(),
            parts.attempts(),
            new CloneSuspensions(parts.database(), suspender, settings, clock),
            clock);
    this.firstUses = new FirstUses(parts.devices(), parts.predecessors());
    this.unconfirmed = parts.unconfirmed();
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
    nodes.heard(node);
    reports.write(node, report, now);
    firstUses.record(node, report.eachFirstUse().toList());
    firstUses.refused(node, report.eachRefusal().toList());
    unconfirmed.seen(node, report.allUnconfirmed());
    clones.raise(node, report.eachClone().toList());
    report
        .eachRefusal()
        .forEach(
            refusal ->
                attempts.record(
                    DoorRefusal.attempt(node, refusal), refusal.at() == null ? now : refusal.at()));
    report
        .eachRefusedRequest()
        .forEach(
            request ->
                attempts.record(
                    TopicRefusal.attempt(node, request), TopicRefusal.occurrences(request, now)));
    Map<Long, List<ObservedRefusals.Refusal>> byVersion =
        report
            .eachObservation()
            .collect(
                Collectors.groupingBy(
                    NodeReport.Observation::version,
                    Collectors.mapping(NodeReport.Observation::refusal, Collectors.toList())));
    byVersion.forEach(observed::add);
  }

  /** A broker has said something else; to be called each time. */
  public void heard(String node) {
    nodes.heard(node);
  }

  /**
   * All nodes.
   *
   * @param lastEvent the newest of the feed
   * @param sessionsPending by node, how many sessions of revoked devices it is still deleting
   * @param retainedPending nodes that are still looking for retained messages of revoked devices
   * @param restoreWindows times of which the records are lost since a backup was put back
   */
  public record All(
      List<ListedNode> brokers,
      long lastEvent,
      Map<String, Integer> sessionsPending,
      Set<String> retainedPending,
      List<FeedMessage.Window> restoreWindows) {
    public All {
      brokers = List.copyOf(brokers);
      sessionsPending = Map.copyOf(sessionsPending);
      retainedPending = Set.copyOf(retainedPending);
      restoreWindows = List.copyOf(restoreWindows);
    }

    static All of(
        List<ListedNode> brokers,
        long lastEvent,
        Map<String, Totals> pending,
        List<FeedMessage.Window> windows) {
      Map<String, Integer> sessions = new TreeMap<>();
      Set<String> retained = new TreeSet<>();
      pending.forEach(
          (node, totals) -> {
            if (totals.sessionsPending() > 0) {
              sessions.put(node, totals.sessionsPending());
            }
            if (totals.retainedPending() > 0) {
              retained.add(node);
            }
          });
      return new All(brokers, lastEvent, sessions, retained, windows);
    }
  }

  /** Those that were heard of within a year and are not forgotten. */
  public All all() {
    nodes.refresh();
    Set<String> connected = nodes.connected();
    Map<String, Instant> contacts = nodes.contacts();
    Map<String, String> refusals = database.transact(PolicyRecords::refusals);
    Map<String, NodeAlarm> alarmed = alarms.all();
    Map<String, NodeStatus> said = new TreeMap<>();
    contacts.keySet().forEach(node -> said.put(node, NodeStatus.silent(node)));
    connected.forEach(node -> said.put(node, NodeStatus.silent(node)));
    reports.all().forEach(status -> said.put(status.node(), status));
    long last = log.lastEvent();
    List<ListedNode> all = new ArrayList<>();
    said.forEach(
        (node, status) ->
            all.add(
                new ListedNode(
                    following(status, connected, last),
                    connected.contains(node) ? null : contacts.get(node),
                    refusals.get(node),
                    alarmed.get(node))));
    return All.of(all, last, nodes.pending(), unconfirmed.windows());
  }

  /**
   * Removes a node that is gone: neither receipts nor lists name it any more. One that comes back
   * is heard of again.
   *
   * @throws RefusedException {@link Reason#BROKER_CONNECTED}, {@link Reason#BROKER_UNKNOWN}
   */
  public void forget(String node, Actor by) {
    nodes.refresh();
    if (nodes.connected().contains(node)) {
      throw new RefusedException(
          Reason.BROKER_CONNECTED,
          "broker " + Quoted.of(node) + " is connected",
          "stop it first; a connected broker is not forgotten");
    }
    database.transact(
        tx -> {
          boolean heard = nodes.forget(tx, node);
          boolean reported = NodeReports.forget(tx, node);
          if (!heard && !reported) {
            throw new RefusedException(
                Reason.BROKER_UNKNOWN,
                "no broker " + Quoted.of(node) + " is on record",
                "see which there are: guardbee broker status");
          }
          NodeAlarms.forget(tx, node);
          PolicyRecords.forget(tx, node);
          Audit.record(
              tx,
              Entry.of(clock.instant(), Action.BROKER_FORGOTTEN, by, "broker:" + node, Map.of()));
          return true;
        });
  }

  private NodeStatus following(NodeStatus status, Set<String> connected, long last) {
    boolean open = connected.contains(status.node());
    return status.following(open, open ? nodes.position(status.node()) : 0, last);
  }

  /** Forgets nodes that are gone; to be called now and then. */
  public void tidy() {
    reports.forget(clock.instant());
    alarms.tidy(clock.instant());
  }
}
