package io.guardbee.service.attempt;

import io.guardbee.pki.Reason;
import io.guardbee.service.limit.Network;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The refusals of the running minute: the same again is one row with a count, and each address has
 * so many rows and no more. Bounded. Thread-safe; its lock is held for no longer than a look-up.
 */
final class Window {

  private static final Duration LENGTH = Duration.ofMinutes(1);

  /** How much is kept in a minute, and until it is written. */
  record Bounds(int rowsPerAddress, int rows, int unwritten) {}

  /**
   * What is the same refusal.
   *
   * @param topic the request and what was wrong with it, where a topic was refused; else empty: one
   *     device that tries many topics differs from one that is set up wrong
   */
  private record Key(
      @Nullable String claimed, String address, String reason, String door, String topic) {}

  /** One row of the table, for as long as it may change. */
  private static final class Row {
    final UUID id = UUID.randomUUID();
    final Attempt attempt;
    final Instant first;
    Instant last;
    int times;
    boolean handedOut;

    Row(Attempt attempt, Occurrences told) {
      this.attempt = attempt;
      this.first = told.first();
      this.last = told.last();
      this.times = told.times();
    }

    void add(Occurrences more) {
      times = (int) Math.min(Integer.MAX_VALUE, (long) times + more.times());
      last = more.last().isAfter(last) ? more.last() : last;
    }
  }

  /**
   * What is to be written of a row.
   *
   * @param fresh whether it is not in the table yet
   */
  record Entry(UUID id, Attempt attempt, Instant first, Instant last, int times, boolean fresh) {}

  private final Bounds bounds;
  private final Map<Key, Row> rows = new HashMap<>();
  private final Map<Network, Integer> rowsOf = new HashMap<>();
  private final Set<Row> unwritten = new LinkedHashSet<>();
  private Instant end = Instant.MIN;
  private long dropped;

  Window(Bounds bounds) {
    this.bounds = bounds;
  }

  /** Adds one of this moment; whether it is the first of its kind and has room. */
  boolean add(Attempt attempt, Instant now) {
    return add(attempt, now, Occurrences.once(now));
  }

  /** Adds what counts for the running minute, whenever it happened. */
  synchronized boolean add(Attempt attempt, Instant now, Occurrences told) {
    if (!now.isBefore(end)) {
      rows.clear();
      rowsOf.clear();
      end = now.plus(LENGTH);
    }
    Key key = key(attempt);
    Row known = rows.get(key);
    if (known != null) {
      known.add(told);
      unwritten.add(known);
      return false;
    }
    Network network = Network.of(attempt.address());
    boolean room =
        rows.size() < bounds.rows()
            && unwritten.size() < bounds.unwritten()
            && rowsOf.getOrDefault(network, 0) < bounds.rowsPerAddress();
    if (!room) {
      dropped++;
      return false;
    }
    rowsOf.merge(network, 1, Integer::sum);
    Row row = new Row(attempt, told);
    rows.put(key, row);
    unwritten.add(row);
    return true;
  }

  private static Key key(Attempt attempt) {
    boolean ofTopic = attempt.why().reason() == Reason.TOPIC_NOT_ALLOWED;
    return new Key(
        attempt.claimed(),
        attempt.address(),
        attempt.why().reason().toString(),
        attempt.door().toString(),
        ofTopic ? attempt.request() + " " + attempt.why().detail() : "");
  }

  /** Takes what is to be written, at most so many. */
  synchronized List<Entry> take(int most) {
    List<Entry> entries = new ArrayList<>();
    var waiting = unwritten.iterator();
    while (waiting.hasNext() && entries.size() < most) {
      Row row = waiting.next();
      waiting.remove();
      entries.add(new Entry(row.id, row.attempt, row.first, row.last, row.times, !row.handedOut));
      row.handedOut = true;
    }
    return entries;
  }

  /** How many found no room since the last call. */
  synchronized long takeDropped() {
    long count = dropped;
    dropped = 0;
    return count;
  }
}
