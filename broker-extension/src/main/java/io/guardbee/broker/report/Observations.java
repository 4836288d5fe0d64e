package io.guardbee.broker.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Adds up what a policy under observation would have refused, between two reports. Thread-safe,
 * without locks; bounded: what is too much is counted together.
 */
final class Observations {

  static final int MOST = 10_000;
  static final int MOST_OF_A_DEVICE = 100;

  /** The device and the request that stand for all that are too many to be told apart. */
  static final String OTHERS = "others";

  private record Kind(long version, String rule, String deviceId, String request) {

    static Kind of(Observation one) {
      return new Kind(one.version(), one.rule(), one.deviceId(), one.request());
    }

    Observation counted(long times) {
      return new Observation(version, rule, deviceId, request, times);
    }
  }

  private final Map<Kind, Long> counts = new ConcurrentHashMap<>();
  private final Map<String, Integer> kindsOfDevice = new ConcurrentHashMap<>();

  void add(Observation one) {
    Kind kind = Kind.of(one);
    counts.merge(counts.containsKey(kind) ? kind : bounded(kind), one.count(), Long::sum);
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

  boolean isEmpty() {
    return counts.isEmpty();
  }

  /** Takes so many out, at most; by one thread at a time. */
  List<Observation> take(int most) {
    kindsOfDevice.clear();
    List<Observation> taken = new ArrayList<>();
    for (Kind kind : counts.keySet().stream().limit(most).toList()) {
      Long times = counts.remove(kind);
      if (times != null) {
        taken.add(kind.counted(times));
      }
    }
    return taken;
  }
}
