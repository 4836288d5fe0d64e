package io.guardbee.broker.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Counting with bounds. */
class ObservationsTests {

  private final Observations observations = new Observations();

  private void observe(String device, String request) {
    observations.add(new Observation(7, "sensors", device, request, 1));
  }

  private List<Observation> all() {
    return observations.take(Integer.MAX_VALUE);
  }

  @Test
  void sameRequestsAreCountedTogetherAndToldOnce() {
    for (int i = 0; i < 5; i++) {
      observe("d-1", "publish devices/d-1/x");
    }
    observe("d-2", "connect");
    assertThat(all())
        .containsExactlyInAnyOrder(
            new Observation(7, "sensors", "d-1", "publish devices/d-1/x", 5),
            new Observation(7, "sensors", "d-2", "connect", 1));
    assertThat(all()).isEmpty();
    assertThat(observations.isEmpty()).isTrue();
  }

  @Test
  void deviceThatInventsTopicsIsCountedWithoutThem() {
    for (int i = 0; i < 10_000; i++) {
      observe("d-1", "publish devices/d-1/" + i);
    }
    List<Observation> told = all();
    assertThat(told).hasSize(Observations.MOST_OF_A_DEVICE + 1);
    assertThat(told.stream().mapToLong(Observation::count).sum()).isEqualTo(10_000);
    assertThat(told)
        .anyMatch(one -> one.request().equals(Observations.OTHERS) && one.count() == 9_900);
  }

  @Test
  void manyDevicesAreCountedWithoutTheirNamesInTheEnd() {
    for (int i = 0; i < 2 * Observations.MOST; i++) {
      observe("d-" + i, "connect");
    }
    List<Observation> told = all();
    assertThat(told.size()).isLessThanOrEqualTo(Observations.MOST + 1);
    assertThat(told.stream().mapToLong(Observation::count).sum()).isEqualTo(2 * Observations.MOST);
  }

  @Test
  void whatIsLeftOutOfOneReportIsInTheNext() {
    observe("d-1", "connect");
    observe("d-2", "connect");
    assertThat(observations.take(1)).hasSize(1);
    assertThat(observations.take(1)).hasSize(1);
    assertThat(observations.isEmpty()).isTrue();
  }
}
