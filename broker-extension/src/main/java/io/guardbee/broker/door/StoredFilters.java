package io.guardbee.broker.door;

import io.guardbee.broker.status.SipHash;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;

/**
 * The different topic filters that one session stores, 8 octets each. They are known by a keyed
 * hash: nobody can choose two that count as one. Thread-safe, without locks.
 */
final class StoredFilters {

  private static final SipHash HASH = SipHash.random(new SecureRandom());
  private static final long[] NONE = {};

  private final AtomicReference<long[]> sorted = new AtomicReference<>(NONE);
  private volatile boolean known = true;

  static long hash(String filter) {
    return HASH.of(new SipHash.Text(filter));
  }

  /** Whether it is known what is stored. */
  boolean isKnown() {
    return known;
  }

  /** The session is resumed: the broker has to be asked. */
  void forget() {
    known = false;
  }

  /** What the broker has stored. */
  void learn(Collection<String> filters) {
    sorted.set(filters.stream().mapToLong(StoredFilters::hash).sorted().distinct().toArray());
    known = true;
  }

  private long[] stored() {
    return Objects.requireNonNull(sorted.get(), "set from the beginning");
  }

  int size() {
    return stored().length;
  }

  boolean contain(long hash) {
    return Arrays.binarySearch(stored(), hash) >= 0;
  }

  void add(Collection<Long> hashes) {
    if (!hashes.isEmpty()) {
      sorted.updateAndGet(
          before ->
              LongStream.concat(Arrays.stream(before), hashes.stream().mapToLong(Long::longValue))
                  .sorted()
                  .distinct()
                  .toArray());
    }
  }

  void remove(Collection<String> filters) {
    if (!filters.isEmpty()) {
      long[] gone = filters.stream().mapToLong(StoredFilters::hash).sorted().toArray();
      sorted.updateAndGet(
          before ->
              Arrays.stream(before).filter(one -> Arrays.binarySearch(gone, one) < 0).toArray());
    }
  }
}
