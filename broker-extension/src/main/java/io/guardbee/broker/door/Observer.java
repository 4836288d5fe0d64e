package io.guardbee.broker.door;

import io.guardbee.broker.door.LiveConnection.Wouldbe;
import io.guardbee.broker.policy.Rights;
import io.guardbee.broker.policy.Version;
import io.guardbee.broker.report.Observation;
import io.guardbee.broker.report.Reports;
import io.guardbee.pki.RefusedException;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the policy under observation, where there is one, what it would have refused of that which
 * the policy in force allows. Thread-safe, never waits. It looks at client ids, topics and Wills;
 * not at rates and numbers of connections, which have no meaning for who is not kept to them.
 */
final class Observer {

  private static final String CONNECT = "connect";

  private final Supplier<Optional<Version>> observed;
  private final Reports reports;

  Observer(Supplier<Optional<Version>> observed, Reports reports) {
    this.observed = observed;
    this.reports = reports;
  }

  boolean isObserving() {
    return observed.get().isPresent();
  }

  /** A connection is let in, or is in while an observation begins or ends. */
  void look(LiveConnection connection) {
    Version version = observed.get().orElse(null);
    long number = version == null ? 0 : version.number();
    if (version == null || number == connection.observed().version()) {
      connection.observe(version == null ? new Wouldbe(0, null) : connection.observed());
      return;
    }
    try {
      connection.observe(new Wouldbe(number, Door.rights(version.policy(), connection)));
    } catch (RefusedException e) {
      connection.observe(new Wouldbe(number, null));
      count(version, e.reason().toString(), connection, CONNECT + " " + connection.clientId());
    }
  }

  void subscribe(LiveConnection connection, String filter, int qos) {
    Rights wouldBe = connection.observed().rights();
    if (wouldBe != null && !wouldBe.decideSubscribe(filter, qos).allowed()) {
      count(observed.get().orElse(null), wouldBe.rule(), connection, "subscribe " + filter);
    }
  }

  void publish(LiveConnection connection, String topic, int qos, boolean retain) {
    Rights wouldBe = connection.observed().rights();
    Rights rights = connection.rights();
    if (wouldBe != null
        && rights != null
        && !wouldBe.decidePublish(topic, qos, retain).allowed()
        && rights.decidePublish(topic, qos, retain).allowed()) {
      count(observed.get().orElse(null), wouldBe.rule(), connection, "publish " + topic);
    }
  }

  private void count(
      @Nullable Version version, String rule, LiveConnection connection, String request) {
    if (version != null) {
      reports.observed(
          new Observation(version.number(), rule, connection.visitor().name(), request, 1));
    }
  }
}
