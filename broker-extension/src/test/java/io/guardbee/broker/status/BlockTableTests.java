package io.guardbee.broker.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Changes of one segment by two threads: the feed's, and the one that sweeps. */
class BlockTableTests {

  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  private static final int STAYS = Tag.of(Block.REVOKED, NOW.plusSeconds(1_000_000));
  private static final int HAS_ENDED = Tag.of(Block.REVOKED, NOW.minusSeconds(1_000_000));
  private static final int ENTRIES = 8000;

  /** In the first segment, since its highest bits are 0. */
  private static long hash(long number) {
    return number << 2;
  }

  @Test
  void sweepingLosesNothingThatIsPutInMeanwhile() throws Exception {
    BlockTable table = new BlockTable();
    AtomicBoolean ended = new AtomicBoolean();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<?> sweeper =
          thread.submit(
              () -> {
                while (!ended.get()) {
                  table.sweep(0, NOW);
                }
              });
      for (long number = 1; number <= ENTRIES; number++) {
        table.apply(new Change(hash(2 * number), HAS_ENDED));
        table.apply(new Change(hash(2 * number + 1), STAYS));
      }
      ended.set(true);
      sweeper.get(5, TimeUnit.MINUTES);
    } finally {
      ended.set(true);
      thread.shutdownNow();
    }
    table.sweep(0, NOW);
    for (long number = 1; number <= ENTRIES; number++) {
      assertThat(table.tag(hash(2 * number + 1))).as("entry %d", number).isEqualTo(STAYS);
      assertThat(table.tag(hash(2 * number))).isEqualTo(Tag.NONE);
    }
    assertThat(table.size()).isEqualTo(ENTRIES);
  }
}
