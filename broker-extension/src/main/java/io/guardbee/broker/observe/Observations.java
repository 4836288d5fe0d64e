package io.guardbee.broker.observe;

import io.guardbee.broker.report.Observation;
import io.guardbee.broker.report.Reports;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Would-be refusals by rule, device and request, since they were last told. Thread-safe, without
 * locks; bounded: what is too much is counted together.
 */
public final class Observations {

  static final int MOST = 10_000;
  static final int MOST_OF_A_DEVICE = 100;

  /** The request that stands for all that are too many to be told apart. */
  public static final String OTHERS = "others";

  private record Kind(long version, String rule, String deviceId, String request) {}

  private final Map<Kind, Long> counts = new ConcurrentHashMap<>();
  private final Map<String, Integer> kindsOfDevice = new ConcurrentHashMap<>();

  /** Counts one request that the policy of that version would have refused. */
  public void count(long version, String rule, String deviceId, String request) {
    Kind kind = new Kind(version, rule, deviceId, request);
    counts.merge(counts.containsKey(kind) ? kind : bounded(kind), 1L, Long::sum);
  }

  private Kind bounded(Kind kind) {
    if (counts.size() >= MOST) {
      return new Kind(kind.version(), kind.rule(), OTHERS, OTHERS);
    }
    int kinds = kindsOfDevice.merge(kind.deviceId(), 1, Integer::sum);
    return kinds <= MOST_OF_A_DEVICE
        ? kind
        : new Kind(kind.version(), kind.rule(), kind.deviceId(), OTHERS);
  }

  /** Tells what was counted and begins anew; by one thread at a time. */
  public void tell(Reports reports) {
    kindsOfDevice.clear();
    for (Kind kind : List.copyOf(counts.keySet())) {
      Long count = counts.remove(kind);
      if (count != null) {
        reports.observed(
            new Observation(kind.version(), kind.rule(), kind.deviceId(), kind.request(), count));
      }
    }
  }

  /** Forgets all. */
  public void clear() {
    counts.clear();
    kindsOfDevice.clear();
  }
}
