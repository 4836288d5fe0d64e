package io.guardbee.broker.status;

import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Hash to {@link Tag}, 8 octets an entry. Of a hash 62 bits are kept: 15 say in which segment an
 * entry is, 47 stand in its word above the tag. A segment is a sorted array that is never changed,
 * only replaced: whoever asks reads one and needs no lock, and whoever changes copies a few hundred
 * words, whatever the size of the whole.
 *
 * <p>With n entries a certificate that is not among them is taken for one with a probability of n /
 * 2<sup>62</sup>: 2·10<sup>-12</sup> for ten millions.
 *
 * <p>Thread-safe. A change is visible to every question asked after its method has returned.
 */
final class BlockTable {

  static final int SEGMENTS = 1 << 15;

  private static final int REMAINDER_BITS = 47;
  private static final long REMAINDER = (1L << REMAINDER_BITS) - 1;
  private static final int UNUSED_BITS = Long.SIZE - 15 - REMAINDER_BITS;
  private static final int TAG = (1 << Tag.BITS) - 1;
  private static final long[] EMPTY = {};

  /** What an array costs besides its words, and a reference to it, at most. */
  private static final int SEGMENT_OCTETS = 16 + 8;

  private final AtomicReferenceArray<long[]> segments;
  private final AtomicInteger size = new AtomicInteger();

  BlockTable() {
    long[][] empty = new long[SEGMENTS][];
    Arrays.fill(empty, EMPTY);
    segments = new AtomicReferenceArray<>(empty);
  }

  /** Where an entry with that hash is. */
  static int segmentOf(long hash) {
    return (int) (hash >>> (UNUSED_BITS + REMAINDER_BITS));
  }

  /** The entry as it stands in its segment; never negative. */
  static long wordOf(long hash, int tag) {
    return (((hash >>> UNUSED_BITS) & REMAINDER) << Tag.BITS) | tag;
  }

  /** Whether two entries of one segment are of the same certificate. */
  static boolean isSame(long word, long other) {
    return word >>> Tag.BITS == other >>> Tag.BITS;
  }

  /** The tag of that hash, or {@link Tag#NONE}. */
  int tag(long hash) {
    long[] words = segments.get(segmentOf(hash));
    long wanted = wordOf(hash, 0);
    int at = firstNotLess(words, wanted);
    return at < words.length && isSame(words[at], wanted) ? (int) words[at] & TAG : Tag.NONE;
  }

  /**
   * Hashes are spread evenly, so an entry stands about where its value says: a few steps from
   * there, in one or two cache lines, are less than a binary search.
   */
  private static int firstNotLess(long[] words, long wanted) {
    int at = (int) (((wanted >>> 32) * words.length) >>> 31);
    while (at < words.length && words[at] < wanted) {
      at++;
    }
    while (at > 0 && words[at - 1] >= wanted) {
      at--;
    }
    return at;
  }

  void apply(Change change) {
    int segment = segmentOf(change.hash());
    long word = wordOf(change.hash(), change.tag());
    long[] before;
    long[] after;
    do {
      before = segments.get(segment);
      after = change.tag() == Tag.NONE ? without(before, word) : with(before, word);
    } while (!segments.compareAndSet(segment, before, after));
    size.addAndGet(after.length - before.length);
  }

  private static long[] with(long[] words, long word) {
    int at = firstNotLess(words, wordOfNoTag(word));
    if (at < words.length && isSame(words[at], word)) {
      long[] changed = words.clone();
      changed[at] = word;
      return changed;
    }
    long[] grown = new long[words.length + 1];
    System.arraycopy(words, 0, grown, 0, at);
    grown[at] = word;
    System.arraycopy(words, at, grown, at + 1, words.length - at);
    return grown;
  }

  private static long[] without(long[] words, long word) {
    int at = firstNotLess(words, word);
    if (at == words.length || !isSame(words[at], word)) {
      return words;
    }
    long[] shrunk = new long[words.length - 1];
    System.arraycopy(words, 0, shrunk, 0, at);
    System.arraycopy(words, at + 1, shrunk, at, shrunk.length - at);
    return shrunk;
  }

  private static long wordOfNoTag(long word) {
    return word & ~(long) TAG;
  }

  /** Puts a whole segment, sorted, each certificate once, in the place of what is there. */
  void fill(int segment, long[] words) {
    size.addAndGet(words.length - segments.getAndSet(segment, words).length);
  }

  /** The entries of a segment, sorted; not to be changed. */
  long[] segment(int segment) {
    return segments.get(segment);
  }

  /** Forgets entries of one segment whose certificates have ended. */
  void sweep(int segment, Instant now) {
    long[] before = segments.get(segment);
    long[] after =
        Arrays.stream(before).filter(word -> !Tag.hasEnded((int) word & TAG, now)).toArray();
    if (after.length < before.length && segments.compareAndSet(segment, before, after)) {
      size.addAndGet(after.length - before.length); // where it was changed meanwhile: next time
    }
  }

  int size() {
    return size.get();
  }

  /** Heap, at most. */
  long bytes() {
    return (long) size() * Long.BYTES + (long) SEGMENTS * SEGMENT_OCTETS;
  }
}
