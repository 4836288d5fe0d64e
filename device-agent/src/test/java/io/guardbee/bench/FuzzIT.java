package io.guardbee.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.launch.Guardbee;
import io.guardbee.launch.RunningUp;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A short run of {@code guardbee bench fuzz}; whatever it once found stays in by its seed. */
class FuzzIT {

  private static final int INPUTS = 3000;
  private static final long SEED = 1;

  @Test
  void damagedRequestsGetAClearAnswerAndNoCertificate() throws Exception {
    Path root = Path.of(System.getProperty("guardbee.root"));
    Guardbee guardbee = new Guardbee(root.resolve("guardbee"), root).inTemporaryHome();
    Files.writeString(guardbee.home().resolve("config.yaml"), FuzzCommand.CONFIGURATION);
    try (RunningUp up = guardbee.up()) {
      FuzzBench.Outcome outcome = new FuzzBench(up).run(INPUTS, SEED, 4);
      assertThat(outcome.findings()).isEmpty();
      assertThat(outcome.answers()).containsKeys(200, 400, 401, 404);
    }
  }
}
