package io.guardbee.broker.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.broker.report.CloneAlarm;
import io.guardbee.broker.report.Observation;
import io.guardbee.broker.report.PolicyAnswer;
import io.guardbee.broker.report.Refusal;
import io.guardbee.broker.report.Reports;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Counting with bounds. */
class ObservationsTests {

  private final Observations observations = new Observations();
  private final List<Observation> told = new ArrayList<>();
  private final Reports reports =
      new Reports() {
        @Override
        public void refused(Refusal refusal) {}

        @Override
        public void cloned(CloneAlarm alarm) {}

        @Override
        public void observed(Observation observation) {
          told.add(observation);
        }

        @Override
        public void answer(PolicyAnswer answer) {}
      };

  @Test
  void sameRequestsAreCountedTogetherAndToldOnce() {
    for (int i = 0; i < 5; i++) {
      observations.count(7, "sensors", "d-1", "publish devices/d-1/x");
    }
    observations.count(7, "sensors", "d-2", "connect");
    observations.tell(reports);
    assertThat(told)
        .containsExactlyInAnyOrder(
            new Observation(7, "sensors", "d-1", "publish devices/d-1/x", 5),
            new Observation(7, "sensors", "d-2", "connect", 1));
    observations.tell(reports);
    assertThat(told).hasSize(2);
  }

  @Test
  void deviceThatInventsTopicsIsCountedWithoutThem() {
    for (int i = 0; i < 10_000; i++) {
      observations.count(7, "sensors", "d-1", "publish devices/d-1/" + i);
    }
    observations.tell(reports);
    assertThat(told).hasSize(Observations.MOST_OF_A_DEVICE + 1);
    assertThat(told.stream().mapToLong(Observation::count).sum()).isEqualTo(10_000);
    assertThat(told)
        .anyMatch(one -> one.request().equals(Observations.OTHERS) && one.count() == 9_900);
  }

  @Test
  void manyDevicesAreCountedWithoutTheirNamesInTheEnd() {
    for (int i = 0; i < 2 * Observations.MOST; i++) {
      observations.count(7, "sensors", "d-" + i, "connect");
    }
    observations.tell(reports);
    assertThat(told.size()).isLessThanOrEqualTo(Observations.MOST + 1);
    assertThat(told.stream().mapToLong(Observation::count).sum()).isEqualTo(2 * Observations.MOST);
  }
}
