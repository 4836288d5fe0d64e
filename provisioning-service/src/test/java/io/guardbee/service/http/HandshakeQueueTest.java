package io.guardbee.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.service.limit.Network;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HandshakeQueueTest {

  private final HandshakeQueue queue = new HandshakeQueue(2);
  private final List<String> ran = new ArrayList<>();

  private void begin(String address, String name) {
    queue.run(Network.of(address), () -> ran.add(name));
  }

  private void end() {
    queue.leave(Runnable::run);
  }

  @Test
  void fewComputeAtOneTimeAndNetworksTakeTurns() {
    for (int i = 1; i <= 5; i++) {
      begin("192.0.2.1", "many-" + i);
    }
    begin("192.0.2.2", "one");
    assertThat(ran).containsExactly("many-1", "many-2");

    end();
    end();
    assertThat(ran).as("the other's turn, not the fifth").endsWith("many-3", "one");

    end();
    end();
    assertThat(ran).endsWith("many-4", "many-5");
    end();
    end();
    begin("192.0.2.3", "later");
    assertThat(ran).endsWith("later");
  }

  @Test
  void networksOfOperatorsGoFirstAndKeepNobodyOut() {
    queue.proven(Network.of("192.0.2.9"));
    begin("192.0.2.1", "running-1");
    begin("192.0.2.1", "running-2");
    for (int i = 1; i <= 4; i++) {
      begin("192.0.2.%d".formatted(i), "stranger-" + i);
      begin("192.0.2.9", "operator-" + i);
    }
    for (int i = 0; i < 8; i++) {
      end();
    }
    assertThat(ran.subList(2, 6))
        .containsExactly("operator-1", "operator-2", "operator-3", "stranger-1");
    assertThat(ran.subList(6, 10))
        .containsExactly("operator-4", "stranger-2", "stranger-3", "stranger-4");
  }
}
