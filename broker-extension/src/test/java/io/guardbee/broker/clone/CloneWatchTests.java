package io.guardbee.broker.clone;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.broker.policy.Limits.OnClone;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What counts as one key in two places, and what does not. */
class CloneWatchTests {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final String KEY = "issuing d-1";

  private final CloneWatch watch = new CloneWatch();
  private final Place a = place("192.0.2.1");
  private final Place b = place("192.0.2.2");

  private static Place place(String address) {
    try {
      return Place.of(InetAddress.getByName(address));
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private CloneWatch.Finding move(Place from, Place to, long seconds) {
    return watch.tookOver(KEY, from, to, OnClone.REFUSE_NEW, seconds * SECOND);
  }

  @Test
  void twoThatTakeTheConnectionFromEachOtherAreFound() {
    assertThat(move(a, b, 0).addresses()).isEmpty();
    assertThat(move(b, a, 2).addresses()).isEmpty();
    assertThat(move(a, b, 4).addresses()).isEmpty();
    CloneWatch.Finding found = move(b, a, 6);
    assertThat(found.addresses()).containsExactlyInAnyOrder("192.0.2.1", "192.0.2.2");
    assertThat(found.isNew()).isTrue();
    assertThat(move(a, b, 8).isNew()).as("told once").isFalse();
    assertThat(watch.against(KEY, 9 * SECOND)).isEqualTo(OnClone.REFUSE_NEW);
  }

  @Test
  void deviceThatRoamsFromPlaceToPlaceIsNot() {
    Place from = a;
    for (int i = 3; i < 60; i++) {
      Place to = place("192.0.2." + i);
      assertThat(move(from, to, i).addresses()).isEmpty();
      from = to;
    }
    assertThat(watch.against(KEY, 60 * SECOND)).isEqualTo(OnClone.ALERT);
  }

  @Test
  void deviceThatComesBackNowAndThenIsNot() {
    for (int i = 0; i < 20; i++) {
      assertThat(move(i % 2 == 0 ? a : b, i % 2 == 0 ? b : a, i * 31L).addresses()).isEmpty();
    }
  }

  @Test
  void sameNetworkAndUnknownPlacesAreNotApart() {
    Place six = place("2001:db8:1:2::1");
    assertThat(six.isApartFrom(place("2001:db8:1:2:ffff::9"))).isFalse();
    assertThat(six.isApartFrom(place("2001:db8:1:3::1"))).isTrue();
    assertThat(Place.unknown().isApartFrom(a)).isFalse();
    for (int i = 0; i < 20; i++) {
      assertThat(move(a, a, i).addresses()).isEmpty();
    }
  }

  @Test
  void suspicionEndsWithTimeOrWithTheServicesDecision() {
    watch.heardInBoth(KEY, a, b, OnClone.SUSPEND, 0);
    assertThat(watch.against(KEY, CloneWatch.SUSPICION)).isEqualTo(OnClone.SUSPEND);
    assertThat(watch.against(KEY, CloneWatch.SUSPICION + 1)).isEqualTo(OnClone.ALERT);
    assertThat(watch.heardInBoth(KEY, a, b, OnClone.SUSPEND, CloneWatch.SUSPICION + 1).isNew())
        .isTrue();
    watch.forget(KEY);
    assertThat(watch.against(KEY, CloneWatch.SUSPICION + 2)).isEqualTo(OnClone.ALERT);
  }

  @Test
  void whatIsPastIsForgotten() {
    move(a, b, 0);
    move(b, a, 1);
    watch.tidy(Fight.WINDOW + 2 * SECOND);
    move(a, b, 62);
    assertThat(move(b, a, 63).addresses()).as("only the last two count").isEmpty();
  }
}
