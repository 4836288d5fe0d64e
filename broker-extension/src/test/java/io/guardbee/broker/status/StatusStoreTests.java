package io.guardbee.broker.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Serial;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The status on disk. */
class StatusStoreTests {

  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

  @TempDir Path folder = Path.of("");

  private static BlockedCertificate blocked(int number) {
    return new BlockedCertificate(
        new CertificateKey("issuing", new Serial(BigInteger.valueOf(1000L + number))),
        "d-" + number,
        "revoked",
        NOW.plus(90, ChronoUnit.DAYS));
  }

  private StatusIndex saved() throws IOException {
    List<BlockedCertificate> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(blocked(i));
    }
    StatusIndex index = new StatusIndex();
    index.replace("feed-1", 41, all);
    index.heard(NOW);
    new StatusStore(folder).save(index);
    return index;
  }

  private StatusIndex loaded() {
    StatusIndex index = new StatusIndex();
    new StatusStore(folder).load(index);
    return index;
  }

  @Test
  void whatWasSavedIsThereAgain() throws IOException {
    StatusIndex index = saved();
    StatusIndex again = loaded();
    assertThat(again.isKnown()).isTrue();
    assertThat(again.event()).isEqualTo(41);
    assertThat(again.feed()).isEqualTo("feed-1");
    assertThat(again.contact()).isEqualTo(NOW);
    assertThat(again.all()).containsExactlyInAnyOrderElementsOf(index.all());
  }

  @Test
  void fileThatIsTornAnywhereCountsAsNone() throws IOException {
    saved();
    Path file = folder.resolve("status.ndjson");
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      assertThat(loaded().isKnown()).as("torn after %d octets", length).isFalse();
    }
  }

  @Test
  void fileThatIsAlteredAnywhereCountsAsNone() throws IOException {
    saved();
    Path file = folder.resolve("status.ndjson");
    byte[] whole = Files.readAllBytes(file);
    for (int at = 0; at < whole.length; at++) {
      byte[] altered = whole.clone();
      altered[at] ^= 1;
      Files.write(file, altered);
      assertThat(loaded().isKnown()).as("altered at octet %d", at).isFalse();
    }
  }

  @Test
  void fileWithALineLessCountsAsNone() throws IOException {
    saved();
    Path file = folder.resolve("status.ndjson");
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    lines.remove(3);
    Files.write(file, lines);
    assertThat(loaded().isKnown()).isFalse();
  }

  @Test
  void endedCertificatesAreForgotten() throws IOException {
    StatusIndex index = saved();
    index.forgetEndedBefore(NOW);
    assertThat(index.size()).isEqualTo(5);
    index.forgetEndedBefore(NOW.plus(91, ChronoUnit.DAYS));
    assertThat(index.size()).isZero();
  }

  @Test
  void serialOfAnotherIssuerIsAnotherCertificate() throws IOException {
    StatusIndex index = saved();
    Serial serial = blocked(0).key().serial();
    assertThat(index.block(new CertificateKey("issuing", serial))).isPresent();
    assertThat(index.block(new CertificateKey("operations", serial))).isEmpty();
  }
}
