package io.guardbee.service.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ConcurrencyLimitTest {

  private final ConcurrencyLimit limit =
      new ConcurrencyLimit(new ConcurrencyLimit.Bounds("streams", "limits.streams", 3, 2));

  private static void assertRefused(ThrowingCallable attempt, String part) {
    assertThatThrownBy(attempt)
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.OVERLOADED);
              assertThat(e.line()).contains(part);
            });
  }

  @Test
  void holderHasItsShareAndAllHaveTheWhole() {
    List<ConcurrencyLimit.Place> places = new ArrayList<>();
    places.add(limit.enter("a"));
    places.add(limit.enter("a"));
    assertRefused(() -> limit.enter("a"), "\"a\" has 2 streams open");
    places.add(limit.enter("b"));
    assertRefused(() -> limit.enter("c"), "limits.streams");
    places.get(0).close();
    limit.enter("a").close();
    limit.enter("c").close();
  }
}
