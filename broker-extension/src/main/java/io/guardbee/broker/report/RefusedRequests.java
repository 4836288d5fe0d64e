package io.guardbee.broker.report;

import io.guardbee.broker.report.RefusedRequest.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what rights refuse, between two reports. Bounded, however many topics a device tries:
 * what is too much is counted together. Thread-safe, without locks of its own.
 */
final class RefusedRequests {

  static final int MOST = 1_000;
  static final int MOST_OF_A_DEVICE = 20;

  /** In the place of a topic filter: all that are too many to be told apart. */
  static final String OTHERS = "(others)";

  /** A kind is logged once in so long, and forgotten when it has not occurred for as long. */
  static final Duration QUIET = Duration.ofMinutes(1);

  /**
   * How often one kind occurred.
   *
   * @param untold not reported yet
   * @param unlogged since the last line in the log
   * @param first of the untold ones
   */
  private record Tally(
      long untold,
      long unlogged,
      Instant first,
      Instant last,
      Instant logged,
      @Nullable String address) {

    static Tally of(Instant at) {
      return new Tally(0, 0, at, at, Instant.MIN, null);
    }

    Tally again(@Nullable String from, Instant at) {
      return new Tally(untold + 1, unlogged + 1, untold == 0 ? at : first, at, logged, from);
    }

    boolean isToLog(Instant at) {
      return logged.equals(Instant.MIN) || !at.isBefore(logged.plus(QUIET));
    }

    Tally logged(Instant at) {
      return new Tally(untold, 0, first, last, at, address);
    }

    Tally told() {
      return new Tally(0, unlogged, first, last, logged, address);
    }
  }

  private final Map<Kind, Tally> tallies = new ConcurrentHashMap<>();
  private volatile Map<String, Integer> kindsOfDevice = new ConcurrentHashMap<>();

  /**
   * Counts one.
   *
   * @return how many of its kind there were since the log last told of them, when it is to tell of
   *     them now; else 0
   */
  long add(Kind kind, @Nullable String address, Instant at) {
    Kind counted = tallies.containsKey(kind) ? kind : bounded(kind);
    long[] news = {0};
    tallies.compute(
        counted,
        (same, before) -> {
          Tally now = (before == null ? Tally.of(at) : before).again(address, at);
          news[0] = now.isToLog(at) ? now.unlogged() : 0;
          return news[0] > 0 ? now.logged(at) : now;
        });
    return news[0];
  }

  private Kind bounded(Kind kind) {
    String device = kind.deviceId();
    if (device == null || tallies.size() >= MOST) {
      return new Kind(null, kind.action(), OTHERS, kind.reason());
    }
    return kindsOfDevice.merge(device, 1, Integer::sum) <= MOST_OF_A_DEVICE
        ? kind
        : new Kind(device, kind.action(), OTHERS, kind.reason());
  }

  /** Takes what was not told yet; by one thread at a time. */
  List<RefusedRequest> take(Instant now) {
    List<RefusedRequest> taken = new ArrayList<>();
    Map<String, Integer> kinds = new HashMap<>();
    for (Kind kind : tallies.keySet()) {
      Tally left =
          tallies.computeIfPresent(
              kind,
              (same, tally) -> {
                if (tally.untold() > 0) {
                  taken.add(
                      new RefusedRequest(
                          kind, tally.untold(), tally.first(), tally.last(), tally.address()));
                  return tally.told();
                }
                return now.isBefore(tally.last().plus(QUIET)) ? tally : null;
              });
      if (left != null && kind.deviceId() != null && !kind.filter().equals(OTHERS)) {
        kinds.merge(kind.deviceId(), 1, Integer::sum);
      }
    }
    kindsOfDevice = new ConcurrentHashMap<>(kinds);
    return taken;
  }
}
