package io.guardbee.broker.status;

import io.guardbee.broker.status.Acknowledger.Applied;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The deletions of sessions that go on after their event was acknowledged. For one thread. */
final class OpenDeletions {

  private static final Logger LOG = LoggerFactory.getLogger(OpenDeletions.class);

  private final PendingDeletions onDisk;
  private final Map<Long, Deletion> running = new HashMap<>();
  private final Set<Long> finished = new HashSet<>();

  OpenDeletions(PendingDeletions onDisk) {
    this.onDisk = onDisk;
  }

  /** Writes down what is not done yet of these, before their events count as applied. */
  void keep(List<Applied> batch) throws IOException {
    Map<Long, Set<String>> undone = new HashMap<>();
    for (Applied one : batch) {
      Eviction eviction = one.eviction();
      boolean begun = eviction.first().closed().isDone() && eviction.first().sessions().left() == 0;
      if (!eviction.devices().isEmpty() && !begun) {
        undone.put(one.event(), eviction.devices());
      }
    }
    onDisk.add(undone);
  }

  /** That deletion goes on while its event is acknowledged. */
  void run(long event, Deletion deletion) {
    running.put(event, deletion);
  }

  /** How many sessions of that event are still being deleted. */
  int left(long event) {
    Deletion deletion = running.get(event);
    return deletion == null ? 0 : deletion.left();
  }

  /** One has ended in the background; its end is to be told. */
  void finish(long event, boolean all) {
    LOG.info("sessions of event {} are deleted", event);
    running.remove(event);
    finished.add(event);
    forget(event, all);
  }

  /** One is done. That of a whole status has done those before it, too. */
  void forget(long event, boolean all) {
    Set<Long> events = new HashSet<>(Set.of(event));
    if (all) {
      onDisk.byEvent().forEach((other, devices) -> addIf(isAll(devices), events, other));
      events.stream().filter(other -> other != event).forEach(finished::add);
    }
    try {
      onDisk.done(events);
    } catch (IOException e) {
      LOG.warn(
          "sessions of event {} are looked for again after a restart: {}", event, e.toString());
    }
  }

  private static void addIf(boolean so, Set<Long> events, Long event) {
    if (so) {
      events.add(event);
    }
  }

  static boolean isAll(Set<String> devices) {
    return devices.equals(PendingDeletions.ALL);
  }

  /** The events up to that one whose end is not told yet; from now on they count as told. */
  List<Long> takeFinished(long upTo) {
    List<Long> told = new ArrayList<>();
    finished.stream().filter(event -> event <= upTo).sorted().forEach(told::add);
    finished.removeAll(told);
    return told;
  }
}
