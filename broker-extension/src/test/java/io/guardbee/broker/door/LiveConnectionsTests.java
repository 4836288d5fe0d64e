package io.guardbee.broker.door;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.broker.clone.Place;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Who is found while connections come and go. */
class LiveConnectionsTests {

  private static final int ROUNDS = 5_000;

  private final LiveConnections live = new LiveConnections();

  /**
   * Whoever revokes ends those that he finds by their certificate, and then drops the sessions that
   * nobody uses: a connection that is going must not be missed by the first and seen by the second.
   */
  @Test
  void whoIsNotFoundByItsCertificateUsesNoClientId() {
    Visitor visitor = StandInHouse.visitor("d-1", 1);
    for (int round = 0; round < ROUNDS; round++) {
      LiveConnection connection =
          live.register(
              new Arrival(visitor.name(), visitor, Place.unknown(), null, new StandInGrip()));
      live.seat(connection, 1);
      CompletableFuture<Void> going =
          CompletableFuture.runAsync(() -> live.unregister(connection.number()));
      while (!live.with(List.of(visitor.key())).isEmpty()) {
        Thread.onSpinWait();
      }
      assertThat(live.isUsed(visitor.name())).as("round %s", round).isFalse();
      going.join();
    }
  }
}
