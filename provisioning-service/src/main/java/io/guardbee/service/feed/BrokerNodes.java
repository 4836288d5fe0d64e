package io.guardbee.service.feed;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The brokers whose feed is open, and how far each has applied it. Thread-safe. */
public final class BrokerNodes {

  private static final int REMEMBERED_EVENTS = 1000;

  private final Map<String, Node> nodes = new TreeMap<>();

  private static final class Node {
    private int streams;
    private long applied;

    /** Sessions ended by event; the oldest are forgotten. */
    private final Map<Long, Integer> ended =
        new LinkedHashMap<>() {
          @Override
          protected boolean removeEldestEntry(Map.Entry<Long, Integer> eldest) {
            return size() > REMEMBERED_EVENTS;
          }
        };
  }

  /** What one broker has said of an event. */
  public record Acknowledgement(String node, long event, boolean acknowledged) {}

  /** What all connected brokers have said of an event. */
  public record Outcome(List<Acknowledgement> nodes, int sessionsEnded) {
    public Outcome {
      nodes = List.copyOf(nodes);
    }
  }

  synchronized void opened(String node) {
    nodes.computeIfAbsent(node, name -> new Node()).streams++;
    notifyAll();
  }

  synchronized void closed(String node) {
    Node known = nodes.get(node);
    if (known != null) {
      known.streams--;
    }
    notifyAll();
  }

  /** A broker has applied everything up to that event. */
  synchronized void acknowledge(String node, long event, int sessionsEnded) {
    Node known = nodes.computeIfAbsent(node, name -> new Node());
    known.applied = Math.max(known.applied, event);
    known.ended.merge(event, sessionsEnded, Integer::sum);
    notifyAll();
  }

  /** Names of the brokers whose feed is open. */
  public synchronized Set<String> connected() {
    Set<String> names = new TreeSet<>();
    nodes.forEach(
        (name, node) -> {
          if (node.streams > 0) {
            names.add(name);
          }
        });
    return names;
  }

  /**
   * Waits until every broker that is connected now has applied the event. A broker that goes away
   * meanwhile counts as not having acknowledged.
   */
  public synchronized Outcome await(long event, Duration longest) throws InterruptedException {
    Set<String> expected = connected();
    long deadline = System.nanoTime() + longest.toNanos();
    long left = longest.toNanos();
    while (left > 0 && expected.stream().anyMatch(name -> isPending(name, event))) {
      wait(Math.max(1, left / 1_000_000)); // whole milliseconds; 0 would wait for ever
      left = deadline - System.nanoTime();
    }
    List<Acknowledgement> answers = new ArrayList<>();
    int ended = 0;
    for (String name : expected) {
      Node node = nodes.get(name);
      boolean applied = node != null && node.applied >= event;
      answers.add(new Acknowledgement(name, event, applied));
      ended += node == null ? 0 : node.ended.getOrDefault(event, 0);
    }
    return new Outcome(answers, ended);
  }

  private boolean isPending(String name, long event) {
    Node node = nodes.get(name);
    return node != null && node.streams > 0 && node.applied < event;
  }
}
