package io.guardbee.service.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RestartPauseTest {

  @Test
  void growsToAMinuteAndBeginsAnewAfterAMinutesWork() {
    assertThat(
            Stream.iterate(RestartPause.first(), RestartPause::then)
                .limit(8)
                .map(pause -> pause.next().toSeconds()))
        .containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L);

    RestartPause longest = new RestartPause(Duration.ofSeconds(60));
    assertThat(longest.after(Duration.ofSeconds(59))).isEqualTo(longest);
    assertThat(longest.after(Duration.ofMinutes(1))).isEqualTo(RestartPause.first());
  }
}
