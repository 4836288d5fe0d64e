package io.guardbee.broker.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.broker.report.RefusedRequest.Kind;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Counting what rights refuse, with bounds. */
class RefusedRequestsTests {

  private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
  private static final Instant LATER = NOW.plus(RefusedRequests.QUIET);

  private final RefusedRequests requests = new RefusedRequests();

  private static Kind kind(String device, String filter) {
    return new Kind(device, "publish", filter, "uncovered");
  }

  private long add(String device, String filter, Instant at) {
    return requests.add(kind(device, filter), "192.0.2.1", at);
  }

  private static long times(List<RefusedRequest> told) {
    return told.stream().mapToLong(RefusedRequest::times).sum();
  }

  @Test
  void sameKindIsToldOnceWithHowOftenAndWhen() {
    for (int i = 0; i < 5; i++) {
      add("d-1", "a", NOW.plusSeconds(i));
    }
    add("d-1", "b", NOW);
    assertThat(requests.take(NOW.plusSeconds(9)))
        .containsExactlyInAnyOrder(
            new RefusedRequest(kind("d-1", "a"), 5, NOW, NOW.plusSeconds(4), "192.0.2.1"),
            new RefusedRequest(kind("d-1", "b"), 1, NOW, NOW, "192.0.2.1"));
    assertThat(requests.take(NOW.plusSeconds(9))).isEmpty();
    add("d-1", "a", NOW.plusSeconds(10));
    assertThat(requests.take(NOW.plusSeconds(11)))
        .containsExactly(
            new RefusedRequest(
                kind("d-1", "a"), 1, NOW.plusSeconds(10), NOW.plusSeconds(10), "192.0.2.1"));
  }

  @Test
  void kindIsLoggedOnceInAWhileWithHowOftenSinceTheLastLine() {
    assertThat(add("d-1", "a", NOW)).isEqualTo(1);
    assertThat(add("d-1", "b", NOW)).isEqualTo(1);
    for (int i = 1; i < 30; i++) {
      assertThat(add("d-1", "a", NOW.plusSeconds(i))).isZero();
      requests.take(NOW.plusSeconds(i));
    }
    assertThat(add("d-1", "a", LATER)).isEqualTo(30);
    assertThat(add("d-1", "a", LATER.plusSeconds(1))).isZero();
  }

  @Test
  void deviceThatInventsTopicsIsCountedWithoutThem() {
    long lines = 0;
    for (int i = 0; i < 10_000; i++) {
      lines += add("d-1", "devices/" + i, NOW) > 0 ? 1 : 0;
    }
    assertThat(add("d-2", "a", NOW)).isEqualTo(1);
    List<RefusedRequest> told = requests.take(NOW);
    assertThat(lines).isEqualTo(RefusedRequests.MOST_OF_A_DEVICE + 1);
    assertThat(told).hasSize(RefusedRequests.MOST_OF_A_DEVICE + 2);
    assertThat(times(told)).isEqualTo(10_001);
    assertThat(told)
        .anySatisfy(
            one -> {
              assertThat(one.kind()).isEqualTo(kind("d-1", RefusedRequests.OTHERS));
              assertThat(one.times()).isEqualTo(10_000 - RefusedRequests.MOST_OF_A_DEVICE);
            });
    for (int i = 0; i < 100; i++) { // another report does not give it new room
      assertThat(add("d-1", "more/" + i, NOW.plusSeconds(1))).isZero();
    }
    assertThat(requests.take(LATER.plusSeconds(2))).hasSize(1);
    requests.take(LATER.plusSeconds(120));
    assertThat(add("d-1", "later", LATER.plusSeconds(121))).as("forgotten by then").isEqualTo(1);
    assertThat(requests.take(LATER.plusSeconds(122)))
        .singleElement()
        .matches(one -> one.kind().equals(kind("d-1", "later")));
  }

  @Test
  void manyDevicesAreCountedWithoutTheirNames() {
    for (int i = 0; i < 5_000; i++) {
      add("d-" + i, "a", NOW);
    }
    List<RefusedRequest> told = requests.take(NOW);
    assertThat(told).hasSize(RefusedRequests.MOST + 1);
    assertThat(times(told)).isEqualTo(5_000);
    assertThat(told)
        .anySatisfy(
            one -> {
              assertThat(one.kind().deviceId()).isNull();
              assertThat(one.times()).isEqualTo(5_000 - RefusedRequests.MOST);
            });
  }
}
