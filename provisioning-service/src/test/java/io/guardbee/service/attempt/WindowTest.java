package io.guardbee.service.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class WindowTest {

  private static final Instant NOW = Instant.parse("2026-11-25T04:00:00Z");

  private final Window window = new Window(new Window.Bounds(3, 5, 6));

  private static Attempt attempt(String device, String address) {
    return new Attempt(
        Attempt.Door.EST,
        address,
        device,
        "POST /x",
        new RefusedException(Reason.TOKEN_WRONG, "a", "b"));
  }

  @Test
  void sameRefusalWithinAMinuteIsOneRowWithACount() {
    assertThat(window.add(attempt("d-1", "192.0.2.1"), NOW)).isTrue();
    assertThat(window.take(10)).singleElement().matches(Window.Entry::fresh);
    assertThat(window.add(attempt("d-1", "192.0.2.1"), NOW.plusSeconds(1))).isFalse();
    assertThat(window.add(attempt("d-1", "192.0.2.1"), NOW.plusSeconds(59))).isFalse();
    assertThat(window.take(10))
        .singleElement()
        .matches(entry -> !entry.fresh() && entry.times() == 3)
        .matches(entry -> entry.last().equals(NOW.plusSeconds(59)));
    assertThat(window.add(attempt("d-1", "192.0.2.1"), NOW.plusSeconds(60))).isTrue();
  }

  private static Attempt topic(String request, String detail) {
    return new Attempt(
        Attempt.Door.BROKER,
        "192.0.2.1",
        "d-1",
        request,
        new RefusedException(Reason.TOPIC_NOT_ALLOWED, detail, "b"));
  }

  @Test
  void topicsThatAreRefusedAreToldApartAndCountedAsTheyWereTold() {
    Occurrences many = new Occurrences(NOW.minusSeconds(9), NOW.minusSeconds(2), 17);
    assertThat(window.add(topic("publish a", "uncovered"), NOW, many)).isTrue();
    assertThat(window.add(topic("publish a", "qos"), NOW, many)).isTrue();
    assertThat(window.add(topic("publish b", "uncovered"), NOW, many)).isTrue();
    assertThat(window.add(topic("publish a", "uncovered"), NOW, many)).isFalse();
    assertThat(window.take(10))
        .hasSize(3)
        .anyMatch(entry -> entry.times() == 34 && entry.first().equals(many.first()))
        .allMatch(entry -> entry.last().equals(many.last()));
  }

  @Test
  void oneAddressHasSoManyRowsAMinute() {
    for (int i = 0; i < 10; i++) {
      boolean news = window.add(attempt("d-" + i, "192.0.2.1"), NOW);
      assertThat(news).isEqualTo(i < 3);
    }
    assertThat(window.add(attempt("d-9", "192.0.2.2"), NOW)).isTrue();
    assertThat(window.take(10)).hasSize(4);
    assertThat(window.takeDropped()).isEqualTo(7);
    assertThat(window.add(attempt("d-9", "192.0.2.1"), NOW.plusSeconds(60))).isTrue();
  }

  @Test
  void memoryIsBoundedWhileNothingIsWritten() {
    for (int minute = 0; minute < 10; minute++) {
      for (int i = 0; i < 10; i++) {
        window.add(attempt("d", "192.0.2." + i), NOW.plusSeconds(60L * minute));
      }
    }
    assertThat(window.take(1000)).hasSize(6);
    assertThat(window.takeDropped()).isEqualTo(94);
  }
}
