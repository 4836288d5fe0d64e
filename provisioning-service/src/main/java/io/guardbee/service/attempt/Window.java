package io.guardbee.service.attempt;

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

  private record Key(@Nullable String claimed, String address, String reason, String door) {}

  /** One row of the table, for as long as it may change. */
  private static final class Row {
    final UUID id = UUID.randomUUID();
    final Attempt attempt;
    final Instant first;
    Instant last;
    int times = 1;
    boolean handedOut;

    Row(Attempt attempt, Instant when) {
      this.attempt = attempt;
      this.first = when;
      this.last = when;
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
    return add(attempt, now, now);
  }

  /**
   * Adds one that counts for the running minute, whenever it was.
   *
   * @param when it happened
   */
  synchronized boolean add(Attempt attempt, Instant now, Instant when) {
    if (!now.isBefore(end)) {
      rows.clear();
      rowsOf.clear();
      end = now.plus(LENGTH);
    }
    Key key = key(attempt);
    Row known = rows.get(key);
    if (known != null) {
      known.times++;
      known.last = when.isAfter(known.last) ? when : known.last;
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
    Row row = new Row(attempt, when);
    rows.put(key, row);
    unwritten.add(row);
    return true;
  }

  private static Key key(Attempt attempt) {
    return new Key(
        attempt.claimed(),
        attempt.address(),
        attempt.why().reason().toString(),
        attempt.door().toString());
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
