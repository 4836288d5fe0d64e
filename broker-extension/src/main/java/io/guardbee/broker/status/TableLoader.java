package io.guardbee.broker.status;

import java.util.Arrays;

/**
 * Fills a {@link BlockTable} with many entries at once: they are sorted at the end, not one by one.
 * For one thread.
 */
final class TableLoader {

  private static final int FIRST_ROOM = 8;
  private static final long[] EMPTY = {};

  private final long[][] segments = new long[BlockTable.SEGMENTS][];
  private final int[] used = new int[BlockTable.SEGMENTS];

  TableLoader() {
    Arrays.fill(segments, EMPTY);
  }

  void add(Change entry) {
    int segment = BlockTable.segmentOf(entry.hash());
    long[] words = segments[segment];
    int at = used[segment]++;
    if (at == words.length) {
      words = Arrays.copyOf(words, Math.max(FIRST_ROOM, at + at / 2));
      segments[segment] = words;
    }
    words[at] = BlockTable.wordOf(entry.hash(), entry.tag());
  }

  /** The table with all that was added; of a certificate added twice the heaviest block counts. */
  BlockTable finish() {
    BlockTable table = new BlockTable();
    for (int segment = 0; segment < segments.length; segment++) {
      table.fill(segment, sorted(segments[segment], used[segment]));
      segments[segment] = EMPTY; // the draft and the table are not both needed whole
    }
    return table;
  }

  private static long[] sorted(long[] words, int count) {
    Arrays.sort(words, 0, count);
    int kept = 0;
    for (int at = 0; at < count; at++) {
      boolean again = kept > 0 && BlockTable.isSame(words[kept - 1], words[at]);
      kept += again ? 0 : 1;
      words[kept - 1] = words[at]; // the heavier stands behind the lighter
    }
    return Arrays.copyOf(words, kept);
  }
}
