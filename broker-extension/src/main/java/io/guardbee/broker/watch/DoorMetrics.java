package io.guardbee.broker.watch;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.LockFreeExponentiallyDecayingReservoir;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.policy.RefusedVersion;
import io.guardbee.pki.Reason;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.instrumentation.dropwizard.DropwizardExports;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What the door counts: in the broker's own registry, as {@code io.guardbee.…}, and for Prometheus,
 * as {@code guardbee_…} with the reason as a label. Thread-safe; counting takes no lock.
 */
public final class DoorMetrics implements AutoCloseable {

  private static final String PREFIX = "io.guardbee.";
  private static final String REFUSED_BEFORE_TLS = BrokerConfig.LISTENER_METRICS + "refused.";

  private final MetricRegistry broker;
  private final PrometheusRegistry prometheus = new PrometheusRegistry();
  private final Counter connects;
  private final Counter refused;
  private final Counter ended;
  private final Counter limited;
  private final Counter refusedRequests;
  private final Counter clones;
  private final Timer decisions;
  private final Histogram decisionSeconds;

  /** Begins to count in the broker's registry, in the place of an earlier start's numbers. */
  public DoorMetrics(MetricRegistry broker) {
    this.broker = broker;
    close();
    connects = counter("guardbee_connects_total", "Connections that were let in");
    refused = counter("guardbee_refused_total", "Handshakes and CONNECTs refused", "reason");
    ended = counter("guardbee_ended_total", "Connections that were ended", "reason");
    limited = counter("guardbee_limited_total", "Requests beyond a limit", "reason");
    refusedRequests =
        counter(
            "guardbee_requests_refused_total",
            "PUBLISH and SUBSCRIBE packets' topics refused by the policy",
            "action",
            "reason");
    clones = counter("guardbee_clones_total", "Certificates seen in two places");
    decisions = new Timer(LockFreeExponentiallyDecayingReservoir.builder().build());
    broker.register(PREFIX + "decision", decisions);
    decisionSeconds =
        Histogram.builder()
            .name("guardbee_decision_seconds")
            .help("Time to decide on a CONNECT")
            .classicOnly()
            .classicUpperBounds(10e-6, 25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 5e-3, 25e-3)
            .withoutExemplars()
            .register(prometheus);
    DropwizardExports.builder() // the broker's own; ours are there already, with labels
        .dropwizardRegistry(broker)
        .metricFilter((name, metric) -> !name.startsWith(PREFIX))
        .register(prometheus);
    watchListeners();
  }

  /** Shows what {@code guardbee broker run} counts before TLS; elsewhere there is nothing. */
  private void watchListeners() {
    CounterWithCallback.builder()
        .name("guardbee_listener_refused_total")
        .help("Connections closed before or in TLS for a limit")
        .labelNames("reason")
        .callback(
            to ->
                broker
                    .getCounters((name, metric) -> name.startsWith(REFUSED_BEFORE_TLS))
                    .forEach(
                        (name, count) ->
                            to.call(
                                (double) count.getCount(),
                                name.substring(REFUSED_BEFORE_TLS.length()))))
        .register(prometheus);
    listenerGauge("connections", "Connections of the listeners");
    listenerGauge("handshakes", "Unfinished TLS handshakes");
  }

  private void listenerGauge(String name, String help) {
    GaugeWithCallback.builder()
        .name("guardbee_listener_" + name)
        .help(help)
        .callback(
            to -> {
              if (broker.getMetrics().get(BrokerConfig.LISTENER_METRICS + name)
                      instanceof Gauge<?> gauge
                  && gauge.getValue() instanceof Number value) {
                to.call(value.doubleValue());
              }
            })
        .register(prometheus);
  }

  private Counter counter(String name, String help, String... labels) {
    return Counter.builder()
        .name(name)
        .help(help)
        .labelNames(labels)
        .withoutExemplars()
        .register(prometheus);
  }

  /** Shows what the node is at. */
  public void watch(Vitals vitals, Clock clock) {
    gauge("feed.event", "feed_event", "The last event in force", vitals::feedEvent);
    gauge("status.blocked", "index_entries", "Certificates kept out", vitals::indexEntries);
    gauge("status.bytes", "index_bytes", "Memory of these, in octets", vitals::indexBytes);
    gauge("connections.live", "live_connections", "Connections in", vitals::connections);
    gauge("identities.live", "live_identities", "Identities of these", vitals::identities);
    gauge("policy.version", "policy_version", "In force; 0: the file's", vitals::policyVersion);
    gauge(
        "policy.refused",
        "policy_refused",
        "The version in force that this node does not take; 0: none, -1: not known which",
        () -> refused(vitals));
    lag(new Health(vitals, clock));
  }

  private static long refused(Vitals vitals) {
    RefusedVersion refused = vitals.policyRefused();
    if (refused == null) {
      return 0;
    }
    return refused.number() > 0 ? refused.number() : -1;
  }

  private void lag(Health health) {
    broker.register(PREFIX + "feed.lag.seconds", (Gauge<Double>) health::lagSeconds);
    GaugeWithCallback.builder()
        .name("guardbee_feed_lag_seconds")
        .help("Since the service was last heard")
        .callback(to -> to.call(health.lagSeconds()))
        .register(prometheus);
  }

  /** Shows how many reports to the service were dropped. */
  public void watchReports(LongSupplier dropped) {
    gauge("reports.dropped", "reports_dropped", "Reports that were too many", dropped);
  }

  private void gauge(String brokerName, String name, String help, LongSupplier value) {
    broker.register(PREFIX + brokerName, (Gauge<Long>) value::getAsLong);
    GaugeWithCallback.builder()
        .name("guardbee_" + name)
        .help(help)
        .callback(to -> to.call((double) value.getAsLong()))
        .register(prometheus);
  }

  PrometheusRegistry prometheus() {
    return prometheus;
  }

  /** Somebody was let in. */
  public void accepted() {
    broker.counter(PREFIX + "connects.accepted").inc();
    connects.inc();
  }

  /** Somebody was refused, in the handshake or at CONNECT. */
  public void refused(Reason reason) {
    broker.counter(PREFIX + "connects.refused." + reason).inc();
    refused.labelValues(reason.toString()).inc();
  }

  /** A connection was ended. */
  public void ended(Reason reason) {
    broker.counter(PREFIX + "connections.ended." + reason).inc();
    ended.labelValues(reason.toString()).inc();
  }

  /** A connection was denied more than a limit, and stays. */
  public void limited(Reason reason) {
    broker.counter(PREFIX + "limited." + reason).inc();
    limited.labelValues(reason.toString()).inc();
  }

  /**
   * A topic was refused to a connection by its rights.
   *
   * @param action {@code publish} or {@code subscribe}
   * @param reason the code of the decision, such as {@code uncovered}
   */
  public void refusedRequest(String action, String reason) {
    broker.counter(PREFIX + "requests.refused." + action + "." + reason).inc();
    refusedRequests.labelValues(action, reason).inc();
  }

  /** A certificate was seen in two places. */
  public void cloned() {
    broker.counter(PREFIX + "clones").inc();
    clones.inc();
  }

  /** A CONNECT was decided, after that many nanoseconds. */
  public void decided(long nanos) {
    decisions.update(nanos, TimeUnit.NANOSECONDS);
    decisionSeconds.observe(nanos / 1e9);
  }

  /** Withdraws all from the broker's registry: the gauges hold on to the extension. */
  @Override
  public void close() {
    broker.removeMatching(
        (name, metric) ->
            name.startsWith(PREFIX) && !name.startsWith(BrokerConfig.LISTENER_METRICS));
  }
}
