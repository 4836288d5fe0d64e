package io.guardbee.service.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FreePortsTest {

  @Test
  void givesNoPortTwice() {
    FreePorts free = new FreePorts("127.0.0.1", 20_000, 20_040);
    Set<Integer> given = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      given.add(free.orFree(0));
    }
    assertThat(given).hasSize(20).doesNotContain(0);
    assertThat(free.orFree(443)).isEqualTo(443);
  }
}
