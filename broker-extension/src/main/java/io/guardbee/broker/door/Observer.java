package io.guardbee.broker.door;

import io.guardbee.broker.observe.Observations;
import io.guardbee.broker.policy.Rights;
import io.guardbee.broker.report.Reports;
import io.guardbee.pki.RefusedException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the policy under observation, where there is one, what it would have refused of that which
 * the policy in force allows. Thread-safe, never waits. It looks at client ids, topics and Wills;
 * not at rates and numbers of connections, which have no meaning for who is not kept to them.
 */
final class Observer {

  private static final String CONNECT = "connect";

  private final Observations observations = new Observations();
  private final Supplier<Rulebook.@Nullable Edition> observed;

  Observer(Supplier<Rulebook.@Nullable Edition> observed) {
    this.observed = observed;
  }

  boolean isObserving() {
    return observed.get() != null;
  }

  /** A connection is let in, or is in while an observation begins or ends. */
  void look(LiveConnection connection) {
    Rulebook.Edition edition = observed.get();
    if (edition == null) {
      connection.observe(null);
      return;
    }
    try {
      connection.observe(Door.rights(edition.policy(), connection));
    } catch (RefusedException e) {
      connection.observe(null);
      count(edition, e.reason().toString(), connection, CONNECT + " " + connection.clientId());
    }
  }

  void subscribe(LiveConnection connection, String filter, int qos) {
    Rights wouldBe = connection.observed();
    if (wouldBe != null && !Verdicts.subscribe(wouldBe, filter, qos).isEmpty()) {
      count(observed.get(), wouldBe.rule(), connection, "subscribe " + filter);
    }
  }

  void publish(LiveConnection connection, String topic, int qos, boolean retain) {
    Rights wouldBe = connection.observed();
    Rights rights = connection.rights();
    if (wouldBe != null
        && rights != null
        && !Verdicts.publish(wouldBe, topic, qos, retain).isEmpty()
        && Verdicts.publish(rights, topic, qos, retain).isEmpty()) {
      count(observed.get(), wouldBe.rule(), connection, "publish " + topic);
    }
  }

  private void count(
      Rulebook.@Nullable Edition edition, String rule, LiveConnection connection, String request) {
    if (edition != null) {
      observations.count(edition.version(), rule, connection.visitor().name(), request);
    }
  }

  /** About every second. */
  void tell(Reports reports) {
    observations.tell(reports);
  }
}
