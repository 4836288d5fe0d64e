package io.guardbee.broker.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Adds up what a policy under observation would have refused, between two reports. */
final class Observations {

  private record Key(long version, String rule, String deviceId, String request) {
    static Key of(Observation one) {
      return new Key(one.version(), one.rule(), one.deviceId(), one.request());
    }
  }

  private final Map<Key, Long> counts = new ConcurrentHashMap<>();
  private final int most;
  private final LongAdder dropped;

  Observations(int most, LongAdder dropped) {
    this.most = most;
    this.dropped = dropped;
  }

  void add(Observation one) {
    Key key = Key.of(one);
    if (counts.size() >= most && !counts.containsKey(key)) {
      dropped.increment();
      return;
    }
    counts.merge(key, one.count(), Long::sum);
  }

  boolean isEmpty() {
    return counts.isEmpty();
  }

  List<Observation> take(int count) {
    List<Observation> taken = new ArrayList<>();
    for (Key key : counts.keySet().stream().limit(count).toList()) {
      Long sum = counts.remove(key);
      if (sum != null) {
        taken.add(new Observation(key.version(), key.rule(), key.deviceId(), key.request(), sum));
      }
    }
    return taken;
  }
}
