package io.guardbee.service.broker;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.attempt.Attempt;
import io.guardbee.service.attempt.Attempt.Door;
import io.guardbee.service.attempt.Attempts;
import io.guardbee.service.audit.Action;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.audit.Audit;
import io.guardbee.service.audit.Entry;
import io.guardbee.service.store.Database;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows when a broker met one certificate in two places: an entry in the audit log, a line
 * for those who look at the device, and, where {@link CloneSuspensions} allows it, the device's
 * suspension. What is not acted upon is an alarm of the broker. The same again within a minute is
 * on record already; of one broker a bounded number is recorded in a minute, more are counted.
 * Thread-safe.
 */
final class CloneAlarms {

  private static final Logger LOG = LoggerFactory.getLogger(CloneAlarms.class);
  private static final Duration ONCE = Duration.ofMinutes(1);
  private static final int REMEMBERED = 10_000;
  private static final int RECORDED_A_MINUTE = 30;
  private static final String SUSPEND = "suspend";

  private final Database database;
  private final Attempts attempts;
  private final CloneSuspensions suspensions;
  private final NodeAlarms alarms;
  private final Clock clock;

  /** When each was recorded last; the oldest are forgotten. */
  private final Map<Known, Instant> recorded =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Known, Instant> eldest) {
          return size() > REMEMBERED;
        }
      };

  /** By node, how many were recorded since when. */
  private final Map<String, Window> windows = new HashMap<>();

  private record Window(Instant since, int recorded) {}

  private record Known(String node, String device, String serial, String action) {}

  CloneAlarms(Database database, Attempts attempts, CloneSuspensions suspensions, Clock clock) {
    this.database = database;
    this.attempts = attempts;
    this.suspensions = suspensions;
    this.alarms = new NodeAlarms(database);
    this.clock = clock;
  }

  void raise(String node, List<NodeReport.Clone> reported) {
    int counted = 0;
    for (NodeReport.Clone alarm : reported) {
      if (isFull(node)) {
        counted++;
      } else {
        raise(node, alarm);
      }
    }
    if (counted > 0) {
      LOG.error("ALARM: broker {} reports more clones than are recorded: {} more", node, counted);
      String detail =
          "it reports more than " + RECORDED_A_MINUTE + " clones a minute, which are only counted";
      alarms.raise(node, detail, counted, clock.instant());
    }
  }

  private synchronized boolean isFull(String node) {
    Window window = windows.get(node);
    return window != null
        && window.recorded() >= RECORDED_A_MINUTE
        && clock.instant().isBefore(window.since().plus(ONCE));
  }

  private void raise(String node, NodeReport.Clone alarm) {
    String device = String.valueOf(alarm.deviceId());
    String action = String.valueOf(alarm.action());
    Known known = new Known(node, device, String.valueOf(alarm.serial()), action);
    if (isRecorded(known)) {
      return;
    }
    String what = alarm.what();
    Instant now = clock.instant();
    Instant at = alarm.at() == null ? now : alarm.at();
    attempts.record(attempt(node, device, what, alarm), at);
    String suspension = action.equals(SUSPEND) ? suspend(known, what, now) : "";
    audit(known, alarm.places(), suspension);
    LOG.warn("broker {}: device {}: {} ({})", node, Quoted.of(device), what, Quoted.line(action));
    remember(known, now);
  }

  private synchronized boolean isRecorded(Known known) {
    Instant before = recorded.get(known);
    return before != null && clock.instant().isBefore(before.plus(ONCE));
  }

  private synchronized void remember(Known known, Instant now) {
    recorded.remove(known);
    recorded.put(known, now);
    Window window = windows.get(known.node());
    windows.put(
        known.node(),
        window != null && now.isBefore(window.since().plus(ONCE))
            ? new Window(window.since(), window.recorded() + 1)
            : new Window(now, 1));
  }

  private static Attempt attempt(String node, String device, String what, NodeReport.Clone alarm) {
    String address =
        alarm.addresses() == null || alarm.addresses().isEmpty()
            ? null
            : alarm.addresses().get(alarm.addresses().size() - 1);
    return new Attempt(
        Door.BROKER,
        DoorRefusal.address(address),
        device,
        "connect at " + node,
        new RefusedException(
            Reason.CLONE_SUSPECTED,
            what,
            "find out which one is the device; if its key is out: guardbee device revoke "
                + Quoted.line(device)));
  }

  /** What became of it, for the record. */
  private String suspend(Known known, String what, Instant now) {
    String device = known.device();
    Optional<String> objection = suspensions.suspend(known.node(), device, known.serial(), what);
    objection.ifPresent(
        why -> {
          LOG.error(
              "ALARM: device {} was not suspended for broker {}: {}",
              Quoted.of(device),
              known.node(),
              why);
          String detail = "device " + Quoted.of(device) + " was not suspended at its word: " + why;
          alarms.raise(known.node(), detail, 1, now);
        });
    return objection.map(why -> "not suspended: " + why).orElse("suspended");
  }

  private void audit(Known known, String places, String suspension) {
    Map<String, String> values = new TreeMap<>();
    values.put("serial", Quoted.line(known.serial()));
    values.put("addresses", places);
    values.put("action", Quoted.line(known.action()));
    if (!suspension.isEmpty()) {
      values.put("suspension", suspension);
    }
    Entry entry =
        Entry.of(
            clock.instant(),
            Action.CLONE_SUSPECTED,
            Actor.broker(known.node()),
            "device:" + Quoted.line(known.device()),
            values);
    database.transact(
        tx -> {
          Audit.record(tx, entry);
          return true;
        });
  }
}
