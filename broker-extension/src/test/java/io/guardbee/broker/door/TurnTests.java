package io.guardbee.broker.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** One at a time, and once more after the last that asked. */
class TurnTests {

  @Test
  void nobodyElseWorksBeforeTheFirstHasFinished() {
    Turn turn = new Turn();
    AtomicInteger seen = new AtomicInteger();
    AtomicInteger value = new AtomicInteger(1);
    turn.ask(() -> seen.set(-1));
    assertThat(seen).hasValue(0);
    value.set(2);
    turn.finish(() -> seen.set(value.get()));
    assertThat(seen).hasValue(2);
    value.set(3);
    turn.ask(() -> seen.set(value.get()));
    assertThat(seen).hasValue(3);
  }

  @Test
  void whoAsksWhileTheWorkIsDoneHasItDoneOnceMore() {
    Turn turn = new Turn();
    AtomicInteger done = new AtomicInteger();
    Runnable work =
        () -> {
          if (done.incrementAndGet() == 1) {
            turn.ask(() -> done.set(-100)); // by others, in the midst of it
            turn.ask(() -> done.set(-100));
          }
        };
    turn.finish(work);
    assertThat(done).hasValue(2);
    turn.ask(work);
    assertThat(done).as("the turn was given back").hasValue(3);
  }

  @Test
  void lastStateIsAlwaysSeenAndNeverByTwoAtOnce() throws Exception {
    Turn turn = new Turn();
    turn.finish(() -> {});
    AtomicInteger state = new AtomicInteger();
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger together = new AtomicInteger();
    int[] copied = new int[1]; // plain: only one at a time works
    Runnable work =
        () -> {
          together.accumulateAndGet(inside.incrementAndGet(), Math::max);
          copied[0] = state.get();
          inside.decrementAndGet();
        };
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        all.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 20_000; i++) {
                    state.incrementAndGet();
                    turn.ask(work);
                  }
                }));
      }
      for (Future<?> one : all) {
        one.get(5, TimeUnit.MINUTES);
      }
      assertThat(together).hasValue(1);
      turn.ask(() -> assertThat(copied[0]).isEqualTo(80_000));
    } finally {
      threads.shutdownNow();
    }
  }
}
