package io.guardbee.broker.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.broker.policy.Limits;
import io.guardbee.broker.policy.Limits.OnClone;
import io.guardbee.broker.policy.Limits.Rate;
import io.guardbee.broker.policy.SessionLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rates of identities, by a clock of the test's own. */
class BudgetsTests {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private static Limits limits(Rate connects, Rate messages, Rate bytes) {
    return new Limits(
        1, connects, messages, bytes, SessionLimits.DEFAULT, OnClone.ALERT, false, false);
  }

  private static Limits messages(long amount) {
    return limits(Rate.UNLIMITED, new Rate(amount, SECOND), Rate.UNLIMITED);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE - 5, Long.MIN_VALUE})
  void asMuchAsTheRateComesAtOnceAndThenEvenly(long start) {
    Budget budget = new Budgets().of("d-1", messages(10), start);
    for (int i = 0; i < 10; i++) {
      assertThat(budget.publish(1, start)).isEmpty();
    }
    assertThat(budget.publish(1, start)).isEqualTo("messages");
    assertThat(budget.publish(1, start + SECOND / 20)).isEqualTo("messages");
    assertThat(budget.publish(1, start + SECOND / 10)).isEmpty();
    assertThat(budget.publish(1, start + SECOND / 10)).isEqualTo("messages");
  }

  @Test
  void bytesAreCountedAndAMessageLargerThanAllOfThemNeverPasses() {
    Limits limits = limits(Rate.UNLIMITED, Rate.UNLIMITED, new Rate(1000, SECOND));
    Budget budget = new Budgets().of("d-1", limits, 0);
    assertThat(budget.publish(1001, 0)).isEqualTo("bytes");
    assertThat(budget.publish(1000, 0)).isEmpty();
    assertThat(budget.publish(1, 0)).isEqualTo("bytes");
    assertThat(budget.publish(500, SECOND / 2)).isEmpty();
  }

  @Test
  void ratesTooGreatToCountInNanosecondsStillCount() {
    Limits limits = limits(Rate.UNLIMITED, Rate.UNLIMITED, new Rate(40_000_000_000L, SECOND));
    Budget budget = new Budgets().of("d-1", limits, 0);
    assertThat(budget.publish(Integer.MAX_VALUE, 0)).isEmpty();
    for (int i = 0; i < 17; i++) {
      assertThat(budget.publish(Integer.MAX_VALUE, 0)).isEmpty();
    }
    assertThat(budget.publish(Integer.MAX_VALUE, 0)).isEqualTo("bytes");
  }

  @Test
  void connectingAnewDoesNotRefill() {
    Budgets budgets = new Budgets();
    Limits limits = limits(new Rate(2, 60 * SECOND), Rate.UNLIMITED, Rate.UNLIMITED);
    assertThat(budgets.of("d-1", limits, 0).connect(0)).isTrue();
    assertThat(budgets.of("d-1", limits, 1).connect(1)).isTrue();
    budgets.tidy(2);
    assertThat(budgets.of("d-1", limits, 3).connect(3)).isFalse();
    assertThat(budgets.of("d-2", limits, 3).connect(3)).isTrue();
    assertThat(budgets.of("d-1", limits, 31 * SECOND).connect(31 * SECOND)).isTrue();
  }

  @Test
  void fullBudgetsAreForgottenAndOtherRatesBeginAnew() {
    Budgets budgets = new Budgets();
    assertThat(budgets.of("d-1", messages(1), 0).publish(1, 0)).isEmpty();
    assertThat(budgets.of("d-1", messages(1), 0).publish(1, 0)).isNotEmpty();
    assertThat(budgets.of("d-1", messages(2), 0).publish(1, 0)).isEmpty();
    budgets.tidy(SECOND / 4);
    assertThat(budgets.size()).isEqualTo(1);
    budgets.tidy(SECOND);
    assertThat(budgets.size()).isZero();
  }

  @Test
  void severalThreadsTogetherGetNoMoreThanThereIs() throws Exception {
    Budget budget = new Budgets().of("d-1", messages(5000), 0);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Integer>> taken = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        taken.add(
            threads.submit(
                () -> {
                  int count = 0;
                  for (int i = 0; i < 2000; i++) {
                    count += budget.publish(1, 0).isEmpty() ? 1 : 0;
                  }
                  return count;
                }));
      }
      int sum = 0;
      for (Future<Integer> one : taken) {
        sum += one.get(5, TimeUnit.MINUTES);
      }
      assertThat(sum).isEqualTo(5000);
    } finally {
      threads.shutdownNow();
    }
  }
}
