package io.guardbee.broker.door;

import io.guardbee.broker.policy.SessionLimits;
import io.guardbee.pki.Reason;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Counts the topic filters of one SUBSCRIBE with those that the session stores. */
final class FilterLimits {

  /** What a filter goes beyond. */
  record Excess(Reason reason, String detail) {}

  private final StoredFilters stored;
  private final SessionLimits limits;
  private final Set<Long> added = new HashSet<>();

  FilterLimits(StoredFilters stored, SessionLimits limits) {
    this.stored = stored;
    this.limits = limits;
  }

  /** Counts one that is allowed; what it goes beyond, null when it is within the limits. */
  @Nullable Excess count(String filter) {
    int octets = filter.getBytes(StandardCharsets.UTF_8).length;
    if (octets > limits.maxFilterLength()) {
      return tooLong(octets + " octets", "maxFilterLength", limits.maxFilterLength());
    }
    long levels = filter.chars().filter(one -> one == '/').count() + 1;
    if (levels > limits.maxFilterLevels()) {
      return tooLong(levels + " levels", "maxFilterLevels", limits.maxFilterLevels());
    }
    long hash = StoredFilters.hash(filter);
    if (stored.contain(hash) || added.contains(hash)) {
      return null; // takes the place of the one before (MQTT 5 §3.8.4)
    }
    if (stored.size() + added.size() >= limits.maxSubscriptions()) {
      return new Excess(
          Reason.SUBSCRIPTIONS_EXHAUSTED,
          "the session has as many subscriptions as it may, maxSubscriptions is "
              + limits.maxSubscriptions());
    }
    added.add(hash);
    return null;
  }

  private static Excess tooLong(String has, String key, int most) {
    return new Excess(Reason.FILTER_TOO_LONG, has + ", " + key + " is " + most);
  }

  /** The SUBSCRIBE is handed on. */
  void keep() {
    stored.add(added);
  }
}
