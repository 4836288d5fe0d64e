package io.guardbee.service.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class WriteProbeTest {

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final WriteProbe probe = new WriteProbe(now::get);

  @Test
  void oneFailureIsEnoughAndSeveralSuccessesMendIt() {
    assertThat(probe.health().isReady()).isTrue();
    probe.failed("no space left on device");
    assertThat(probe.health())
        .isEqualTo(new StorageHealth(false, Instant.EPOCH, "no space left on device"));
    probe.succeeded();
    probe.succeeded();
    assertThat(probe.health().isReady()).isFalse();
    probe.failed("no space left on device");
    probe.succeeded();
    probe.succeeded();
    assertThat(probe.health().isReady()).isFalse();
    probe.succeeded();
    assertThat(probe.health()).isEqualTo(new StorageHealth(true, Instant.EPOCH, ""));
  }

  @Test
  void writeThatHangsIsNoticed() {
    now.set(Instant.EPOCH.plusSeconds(11));
    assertThat(probe.health().isReady()).isFalse();
    assertThat(probe.health().detail()).contains("hanging");
    probe.succeeded();
    assertThat(probe.health().isReady()).isTrue();
  }
}
