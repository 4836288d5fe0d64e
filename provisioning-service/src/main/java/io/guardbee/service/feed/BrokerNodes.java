package io.guardbee.service.feed;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.feed.NodeTable.Elsewhere;
import io.guardbee.service.store.Database;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The brokers whose feed is open, here or at another replica, how far each has applied it, and
 * those that are not connected but were heard of lately. Thread-safe.
 */
public final class BrokerNodes {

  private static final Logger LOG = LoggerFactory.getLogger(BrokerNodes.class);
  private static final int REMEMBERED_EVENTS = 1000;

  private final Map<String, Node> nodes = new TreeMap<>();
  private final @Nullable NodeTable table;
  private final @Nullable NodeContacts contacts;

  /** What the other replicas' brokers have said, when it was last looked at. */
  private Map<String, Elsewhere> elsewhere = Map.of();

  private static final class Node {
    private int streams;
    private long applied;

    /** What was ended, by event; the oldest are forgotten. */
    private final Map<Long, Totals> ended = bounded();

    /** What is still being deleted, by event; of those that have something to delete. */
    private final Map<Long, Totals> pending = bounded();

    private static Map<Long, Totals> bounded() {
      return new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Totals> eldest) {
          return size() > REMEMBERED_EVENTS;
        }
      };
    }
  }

  /**
   * What one broker has said of an event.
   *
   * @param notReachedSince when it was last heard of, if it is not connected and has not
   *     acknowledged; else null
   */
  public record Acknowledgement(
      String node,
      long event,
      boolean acknowledged,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Instant notReachedSince) {}

  /**
   * What all brokers that are connected, or were heard of lately, have said of an event.
   *
   * @param totals what they have ended
   */
  public record Outcome(List<Acknowledgement> nodes, Totals totals) {
    public Outcome {
      nodes = List.copyOf(nodes);
    }
  }

  /** All brokers are this process's. */
  public BrokerNodes() {
    this.table = null;
    this.contacts = null;
  }

  /**
   * Other replicas on that database have brokers too, where it is one that can be shared; when each
   * was heard of is kept there.
   *
   * @param replica this process
   */
  public BrokerNodes(Database database, UUID replica, Clock clock) {
    this.table = database.isShared() ? new NodeTable(database, replica) : null;
    this.contacts = new NodeContacts(database, clock);
  }

  void opened(String node) {
    if (contacts != null) {
      contacts.opened(node);
    }
    synchronized (this) {
      nodes.computeIfAbsent(node, name -> new Node()).streams++;
      notifyAll();
    }
    share(node); // before the stream begins: what is committed after this waits for this broker
  }

  void closed(String node) {
    synchronized (this) {
      Node known = nodes.get(node);
      if (known != null) {
        known.streams--;
      }
      notifyAll();
    }
    try {
      share(node);
      if (contacts != null) {
        contacts.closed(node);
      }
    } catch (RefusedException e) {
      LOG.debug("broker {} seems connected until the next renewal: {}", node, e.line());
    }
  }

  /**
   * A broker has said something, to be called each time: what is written is bounded.
   *
   * @throws RefusedException {@code STORAGE_FAILED}
   */
  public void heard(String node) {
    if (contacts != null) {
      contacts.heard(node);
    }
  }

  /** A broker has applied everything up to that event; said again when its sessions are gone. */
  void acknowledge(String node, Ended ended) {
    synchronized (this) {
      Node known = nodes.computeIfAbsent(node, name -> new Node());
      known.applied = Math.max(known.applied, ended.event());
      known.ended.merge(
          ended.event(),
          new Totals(ended.sessionsEnded(), 0, ended.retainedCleared(), 0),
          Totals::and);
      if (!ended.isDone()) {
        int clearing = ended.retainedPending() ? 1 : 0;
        known.pending.put(ended.event(), new Totals(0, ended.sessionsPending(), 0, clearing));
      } else if (known.pending.remove(ended.event()) != null) {
        LOG.info(
            "broker {} has deleted what event {} left: {} retained messages cleared",
            node,
            ended.event(),
            known.ended.getOrDefault(ended.event(), Totals.NONE).retainedCleared());
      }
      notifyAll();
    }
    if (table != null) {
      table.add(node, ended);
    }
    share(node);
    heard(node);
  }

  /** Writes what the other replicas are to know of this broker. */
  private void share(String node) {
    if (table != null) {
      table.write(node, () -> here(node));
    }
  }

  private synchronized Elsewhere here(String node) {
    Node known = nodes.get(node);
    return known == null
        ? new Elsewhere(false, 0)
        : new Elsewhere(known.streams > 0, known.applied);
  }

  /** Looks what the other replicas' brokers have said. */
  public void refresh() {
    if (table != null) {
      Map<String, Elsewhere> fresh = table.elsewhere();
      synchronized (this) {
        elsewhere = fresh;
        notifyAll();
      }
    }
  }

  /** Writes again what may not have come through, and forgets replicas that are gone. */
  public void tidy() {
    if (table != null) {
      Set<String> mine;
      synchronized (this) {
        mine = Set.copyOf(nodes.keySet());
      }
      mine.forEach(this::share);
      table.forget(REMEMBERED_EVENTS);
    }
    if (contacts != null) {
      contacts.tidy();
    }
  }

  /** Names of the brokers whose feed is open. */
  public synchronized Set<String> connected() {
    Set<String> names = new TreeSet<>();
    nodes.forEach((name, node) -> addIf(node.streams > 0, names, name));
    elsewhere.forEach((name, said) -> addIf(said.connected(), names, name));
    return names;
  }

  /** By node, what it is still deleting; without those that delete nothing. */
  public Map<String, Totals> pending() {
    if (table != null) {
      return table.allPending();
    }
    Map<String, Totals> pending = new TreeMap<>();
    synchronized (this) {
      nodes.forEach(
          (name, node) ->
              node.pending.values().forEach(one -> pending.merge(name, one, Totals::and)));
    }
    return pending;
  }

  /** The last event that a broker has acknowledged, to whichever replica; 0 for none. */
  public synchronized long position(String node) {
    return applied(node);
  }

  /** By node, when it was last heard of: those of the last 30 days that are not connected. */
  public Map<String, Instant> away() {
    Map<String, Instant> found =
        contacts == null ? new TreeMap<>() : new TreeMap<>(contacts.named());
    connected().forEach(found::remove);
    return found;
  }

  /** By node, when it was last heard of: all that are kept. */
  public Map<String, Instant> contacts() {
    return contacts == null ? Map.of() : contacts.all();
  }

  /** Removes the node as part of the caller's transaction; whether it was known. */
  public boolean forget(Handle tx, String node) {
    return contacts != null && contacts.forget(tx, node);
  }

  private static void addIf(boolean so, Set<String> names, String name) {
    if (so) {
      names.add(name);
    }
  }

  /**
   * Waits until every broker that is connected now has applied the event. A broker that goes away
   * meanwhile counts as not having acknowledged, as does one that is not connected but was heard of
   * lately.
   */
  public Outcome await(long event, Duration longest) throws InterruptedException {
    refresh();
    Set<String> expected = awaitApplied(event, longest);
    Map<String, Totals> endedElsewhere = table == null ? Map.of() : table.ended(event);
    Map<String, Totals> pendingAnywhere = table == null ? Map.of() : table.pending(event);
    Map<String, Instant> away = away();
    Set<String> named = new TreeSet<>(expected);
    named.addAll(away.keySet());
    synchronized (this) {
      List<Acknowledgement> answers = new ArrayList<>();
      Totals totals = Totals.NONE;
      for (String name : named) {
        boolean applied = applied(name) >= event;
        Instant since = applied ? null : away.get(name);
        answers.add(new Acknowledgement(name, event, applied, since));
        totals = totals.and(here(name, event).orPending(of(pendingAnywhere, name)));
        totals = totals.and(of(endedElsewhere, name));
      }
      return new Outcome(answers, totals);
    }
  }

  private static Totals of(Map<String, Totals> byNode, String name) {
    return byNode.getOrDefault(name, Totals.NONE);
  }

  /** What a broker has told this replica of an event. */
  private Totals here(String name, long event) {
    Node node = nodes.get(name);
    return node == null
        ? Totals.NONE
        : node.ended
            .getOrDefault(event, Totals.NONE)
            .and(node.pending.getOrDefault(event, Totals.NONE));
  }

  private synchronized Set<String> awaitApplied(long event, Duration longest)
      throws InterruptedException {
    Set<String> expected = connected();
    long deadline = System.nanoTime() + longest.toNanos();
    long left = longest.toNanos();
    while (left > 0 && isAnyPending(expected, event)) {
      wait(Math.max(1, left / 1_000_000)); // whole milliseconds; 0 would wait for ever
      left = deadline - System.nanoTime();
    }
    return expected;
  }

  private boolean isAnyPending(Set<String> expected, long event) {
    Set<String> connected = connected();
    return expected.stream().anyMatch(name -> connected.contains(name) && applied(name) < event);
  }

  private long applied(String name) {
    Node node = nodes.get(name);
    Elsewhere said = elsewhere.get(name);
    return Math.max(node == null ? 0 : node.applied, said == null ? 0 : said.applied());
  }
}
