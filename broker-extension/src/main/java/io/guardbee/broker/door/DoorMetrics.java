package io.guardbee.broker.door;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.guardbee.broker.status.StatusIndex;
import io.guardbee.pki.Reason;

/** What the door counts, in the broker's own metrics registry. */
final class DoorMetrics {

  private static final String PREFIX = "io.guardbee.";

  private final MetricRegistry registry;

  DoorMetrics(MetricRegistry registry) {
    this.registry = registry;
  }

  void watch(StatusIndex index, LiveConnections live) {
    gauge("feed.event", index::event);
    gauge("status.blocked", index::size);
    gauge("connections.live", live::size);
  }

  void accepted() {
    registry.counter(PREFIX + "connects.accepted").inc();
  }

  void refused(Reason reason) {
    registry.counter(PREFIX + "connects.refused." + reason).inc();
  }

  void ended(Reason reason) {
    registry.counter(PREFIX + "connections.ended." + reason).inc();
  }

  void cloned() {
    registry.counter(PREFIX + "clones").inc();
  }

  /** Withdraws the gauges, which hold on to the extension. */
  void close() {
    registry.removeMatching((name, metric) -> name.startsWith(PREFIX));
  }

  private void gauge(String name, Gauge<? extends Number> value) {
    registry.remove(PREFIX + name); // of an earlier start
    registry.register(PREFIX + name, value);
  }
}
