package io.guardbee.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.bench.measure.Timings;
import io.guardbee.bench.measure.WarmUp;
import io.guardbee.bench.measure.Workers;
import io.guardbee.bench.measure.Workers.Rate;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The arithmetic under the figures. */
class MeasuringTest {

  @Test
  void percentilesAreThoseOfTheNearestRank() {
    Timings hundred =
        new Timings(LongStream.rangeClosed(1, 100).mapToObj(n -> n * 1_000_000).toList());
    assertThat(hundred.percentile(50)).isEqualTo(50.0);
    assertThat(hundred.percentile(99)).isEqualTo(99.0);
    assertThat(new Timings(List.of(7_000_000L)).percentile(99)).isEqualTo(7.0);
  }

  @Test
  void ratesAddUpByWhatWasDoneAndNotByTheirMean() {
    assertThat(new Rate(100, 1).plus(new Rate(100, 3)).perSecond()).isEqualTo(50.0);
  }

  @Test
  void workIsRepeatedUntilThereIsNothingLeft() throws Exception {
    Iterator<Integer> three = List.of(1, 2, 3).iterator();
    Rate rate =
        Workers.run(
            List.of(
                () -> {
                  boolean more = three.hasNext();
                  if (more) {
                    three.next();
                  }
                  return more;
                }),
            60);
    assertThat(rate.count()).isEqualTo(3);
  }

  @Test
  void warmUpLastsAsLongAsItGrowsFaster() throws Exception {
    List<Long> rounds = new ArrayList<>();
    Iterator<Integer> rates = List.of(10, 20, 30, 40, 50, 60, 61, 1000).iterator();
    WarmUp.run(
        8,
        seconds -> {
          rounds.add(seconds);
          return new Rate(rates.next(), 1);
        });
    assertThat(rounds).hasSize(7).containsOnly(2L);
  }
}
