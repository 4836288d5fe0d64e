package io.guardbee.service.policy;

import io.guardbee.service.audit.Action;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.audit.Audit;
import io.guardbee.service.audit.Entry;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.feed.FeedMessage;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/**
 * The steps that changes are made of, each a part of the caller's transaction, which holds the
 * head's lock.
 */
final class Steps {

  private final EventLog log;
  private final Answers answers;
  private final Clock clock;

  Steps(EventLog log, Answers answers, Clock clock) {
    this.log = log;
    this.answers = answers;
    this.clock = clock;
  }

  Instant now() {
    return clock.instant();
  }

  /** The event that orders it of the brokers; their answers are awaited from now on. */
  long tell(Handle tx, long version, Mode mode) {
    answers.expect(tx, version, mode);
    return log.append(tx, event -> new FeedMessage.Policy(event, version, mode.toString(), ""));
  }

  void record(Handle tx, Action action, Actor by, long version, Map<String, String> values) {
    Map<String, String> all = new TreeMap<>(values);
    Versions.find(tx, Head.read(tx), version).ifPresent(known -> all.put("sha256", known.sha256()));
    Audit.record(tx, Entry.of(now(), action, by, "policy:" + version, all));
  }

  /** In force from now on. */
  Order enforce(Handle tx, Head head, long version, Action action, Actor by) {
    Versions.applied(tx, version, head.inForce());
    Head.enforce(tx, version, by.toString(), now());
    long event = tell(tx, version, Mode.ENFORCE);
    record(tx, action, by, version, Map.of("before", String.valueOf(head.inForce())));
    return Order.told(version, Mode.ENFORCE, "applied", event);
  }

  /** A broker does not take that version. */
  void refused(Handle tx, Mode mode, long version, String node, String why) {
    record(
        tx,
        Action.POLICY_REFUSED,
        Actor.broker(node),
        version,
        Map.of("mode", mode.toString(), "detail", why));
  }
}
