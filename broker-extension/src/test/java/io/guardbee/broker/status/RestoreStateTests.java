package io.guardbee.broker.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.broker.status.RestoreWindows.Window;
import io.guardbee.pki.Serial;
import io.guardbee.testing.TestCa;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates of a time of which the service has lost its records. */
class RestoreStateTests {

  private static final X509Certificate CERTIFICATE =
      TestCa.root().authority("issuing").device("d-1").certificate();
  private static final CertificateKey KEY = new CertificateKey("issuing", Serial.of(CERTIFICATE));
  private static final Instant BEGIN = CERTIFICATE.getNotBefore().toInstant();

  @TempDir private Path folder;

  private static FeedLine.Restored line(Instant from, Instant until, CertificateKey... confirmed) {
    return new FeedLine.Restored(0, List.of(new Window(from, until)), List.of(confirmed));
  }

  private boolean refuses(RestoreState state) {
    return state.current().refuses(KEY, CERTIFICATE);
  }

  @Test
  void onlyWhatBeginsInAWindowAndIsNotConfirmedIsRefused() {
    RestoreState state = RestoreState.in(folder);
    assertThat(refuses(state)).as("no window").isFalse();
    state.replace(List.of(line(BEGIN, BEGIN.plusSeconds(1))));
    assertThat(refuses(state)).isTrue();
    state.replace(List.of(line(BEGIN.minusSeconds(9), BEGIN)));
    assertThat(refuses(state)).as("it begins after it").isFalse();
    state.replace(List.of(line(BEGIN.plusSeconds(1), BEGIN.plusSeconds(9))));
    assertThat(refuses(state)).as("it begins before it").isFalse();
    state.replace(List.of(line(BEGIN, BEGIN.plusSeconds(1), KEY)));
    assertThat(refuses(state)).as("confirmed").isFalse();
  }

  @Test
  void windowsAndWhatIsConfirmedOutliveARestart() {
    RestoreState.in(folder).replace(List.of(line(BEGIN, BEGIN.plusSeconds(1))));
    assertThat(refuses(RestoreState.in(folder))).isTrue();
    RestoreState.in(folder).add(line(BEGIN, BEGIN.plusSeconds(1), KEY));
    assertThat(refuses(RestoreState.in(folder))).isFalse();
    RestoreState.in(folder).replace(List.of());
    assertThat(RestoreState.in(folder).current()).isEqualTo(RestoreWindows.NONE);
  }

  @Test
  void damagedFileRefusesEveryCertificateUntilTheServiceTellsItAgain() throws Exception {
    RestoreState.in(folder)
        .replace(List.of(line(BEGIN.minusSeconds(9), BEGIN.minusSeconds(1), KEY)));
    Path file = folder.resolve("restore.json");
    String text = Files.readString(file);
    for (String damaged : List.of("", text.substring(0, 40), text.replace("issuing", "issuinG"))) {
      Files.writeString(file, damaged, StandardCharsets.UTF_8);
      RestoreState state = RestoreState.in(folder);
      assertThat(refuses(state)).as(damaged).isTrue();
      state.replace(List.of());
      assertThat(refuses(state)).isFalse();
    }
  }
}
