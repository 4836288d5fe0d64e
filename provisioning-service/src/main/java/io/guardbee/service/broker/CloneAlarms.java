package io.guardbee.service.broker;

import io.guardbee.pki.DeviceId;
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
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows when a broker met one certificate in two places: an entry in the audit log, a line
 * for those who look at the device, and, if the policy wants it, the device's suspension. The same
 * again within a minute is on record already. Thread-safe.
 */
final class CloneAlarms {

  private static final Logger LOG = LoggerFactory.getLogger(CloneAlarms.class);
  private static final Duration ONCE = Duration.ofMinutes(1);
  private static final int REMEMBERED = 10_000;
  private static final String SUSPEND = "suspend";

  private final Database database;
  private final Attempts attempts;
  private final Suspender suspender;
  private final Clock clock;

  /** When each was recorded last; the oldest are forgotten. */
  private final Map<Known, Instant> recorded =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Known, Instant> eldest) {
          return size() > REMEMBERED;
        }
      };

  private record Known(String node, String device, String serial, String action) {}

  CloneAlarms(Database database, Attempts attempts, Suspender suspender, Clock clock) {
    this.database = database;
    this.attempts = attempts;
    this.suspender = suspender;
    this.clock = clock;
  }

  void raise(String node, NodeReport.Clone alarm) {
    String device = String.valueOf(alarm.deviceId());
    String action = String.valueOf(alarm.action());
    Known known = new Known(node, device, String.valueOf(alarm.serial()), action);
    if (isRecorded(known)) {
      return;
    }
    String what =
        "certificate " + Quoted.line(known.serial()) + " is in two places: " + alarm.places();
    Instant now = clock.instant();
    Instant at = alarm.at() == null ? now : alarm.at();
    attempts.record(attempt(node, device, what, alarm), at);
    if (action.equals(SUSPEND)) {
      suspend(device, what, Actor.broker(node));
    }
    audit(node, known, alarm.places());
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

  private void suspend(String device, String what, Actor by) {
    try {
      suspender.suspend(new DeviceId(device), what, by);
    } catch (RefusedException e) {
      if (e.reason() == Reason.STORAGE_FAILED) {
        throw e; // the broker tells it again
      }
      LOG.warn("device {} was not suspended: {}", Quoted.of(device), e.line());
    }
  }

  private void audit(String node, Known known, String places) {
    database.transact(
        tx -> {
          Audit.record(
              tx,
              Entry.of(
                  clock.instant(),
                  Action.CLONE_SUSPECTED,
                  Actor.broker(node),
                  "device:" + Quoted.line(known.device()),
                  Map.of(
                      "serial",
                      Quoted.line(known.serial()),
                      "addresses",
                      places,
                      "action",
                      Quoted.line(known.action()))));
          return true;
        });
  }
}
