package io.guardbee.broker.status;

import io.guardbee.broker.status.Acknowledger.Applied;
import io.guardbee.broker.status.Acknowledger.Done;
import io.guardbee.broker.status.Deletion.Cleared;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The deletions that go on after their event was acknowledged. For one thread. */
final class OpenDeletions {

  private static final Logger LOG = LoggerFactory.getLogger(OpenDeletions.class);

  private final PendingDeletions onDisk;
  private final Map<Long, Deletion> running = new HashMap<>();

  /** How many cleared messages the acknowledgement told, by event. */
  private final Map<Long, Integer> told = new HashMap<>();

  /** How many cleared messages are to be told with the end of a deletion, by event. */
  private final Map<Long, Integer> finished = new TreeMap<>();

  OpenDeletions(PendingDeletions onDisk) {
    this.onDisk = onDisk;
  }

  /** Writes down what is not done yet of these, before their events count as applied. */
  void keep(List<Applied> batch) throws IOException {
    Map<Long, Remains> undone = new HashMap<>();
    for (Applied one : batch) {
      Eviction eviction = one.eviction();
      boolean done =
          eviction.first().closed().isDone() && eviction.first().deletion().done().isDone();
      if (!eviction.remains().devices().isEmpty() && !done) {
        undone.put(one.event(), eviction.remains());
      }
    }
    onDisk.add(undone);
  }

  /** That deletion goes on while its event is acknowledged. */
  void run(long event, Deletion deletion) {
    running.put(event, deletion);
  }

  /**
   * What the acknowledgement of an event tells, also when it is repeated.
   *
   * @param ended connections that were closed
   * @param begun what was begun to be deleted
   */
  Done acknowledgement(long event, int ended, Deletion begun) {
    Deletion deletion = running.getOrDefault(event, begun);
    Cleared cleared = deletion.cleared();
    int before = told.getOrDefault(event, 0);
    if (running.containsKey(event)) {
      told.put(event, cleared.messages());
    }
    Cleared more = new Cleared(cleared.messages() - before, cleared.pending());
    return new Done(event, ended, deletion.left(), false, more);
  }

  /** One has ended in the background; its end is to be told. */
  void finish(long event, boolean all) {
    LOG.info("what event {} had deleted is gone", event);
    Deletion deletion = running.remove(event);
    int before = told.getOrDefault(event, 0);
    told.remove(event);
    finished.put(event, deletion == null ? 0 : deletion.cleared().messages() - before);
    forget(event, all);
  }

  /** One is done. That of a whole status has done those before it, too. */
  void forget(long event, boolean all) {
    Set<Long> events = new HashSet<>(Set.of(event));
    if (all) {
      onDisk.byEvent().forEach((other, remains) -> addIf(remains.isAll(), events, other));
      events.stream()
          .filter(other -> other != event)
          .forEach(other -> finished.putIfAbsent(other, 0));
    }
    try {
      onDisk.done(events);
    } catch (IOException e) {
      LOG.warn(
          "what event {} deletes is looked for again after a restart: {}", event, e.toString());
    }
  }

  private static void addIf(boolean so, Set<Long> events, Long event) {
    if (so) {
      events.add(event);
    }
  }

  /** The ends of events up to that one that are not told yet; from now on they count as told. */
  List<Done> takeFinished(long upTo) {
    List<Done> ends = new ArrayList<>();
    finished.forEach(
        (event, messages) -> {
          if (event <= upTo) {
            ends.add(new Done(event, 0, 0, true, new Cleared(messages, false)));
          }
        });
    ends.forEach(end -> finished.remove(end.event()));
    return ends;
  }
}
