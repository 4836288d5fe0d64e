package io.guardbee.broker.door;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In whatever order the steps of a connect and a revocation fall, nobody revoked stays in. */
class ConnectRevokeRaceTests {

  private static final int TRIES = 3000;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nobodyWhoIsRevokedStaysIn(long seed) throws Exception {
    try (ConnectRevokeRace race = new ConnectRevokeRace(seed)) {
      ConnectRevokeRace.Outcome outcome = race.run(TRIES);
      assertThat(outcome.stayedIn()).as("of seed %d", seed).isZero();
      assertThat(outcome.refused()).as("both orders happened").isBetween(1, TRIES - 1);
    }
  }
}
