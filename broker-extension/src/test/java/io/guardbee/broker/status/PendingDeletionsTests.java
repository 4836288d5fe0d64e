package io.guardbee.broker.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of deletions is there after a restart. */
class PendingDeletionsTests {

  @TempDir Path folder = Path.of("");

  private Path file() {
    return folder.resolve("session-deletions.tsv");
  }

  @Test
  void whatIsNotDoneIsThereAgain() throws IOException {
    PendingDeletions pending = PendingDeletions.in(folder);
    pending.add(Map.of(1L, sessionsOf("d-1", "d-2"), 2L, sessionsOf("d-3")));
    pending.add(Map.of(3L, Remains.ALL));
    pending.done(Set.of(2L));
    PendingDeletions after = PendingDeletions.in(folder);
    assertThat(after.byEvent()).isEqualTo(Map.of(1L, sessionsOf("d-1", "d-2"), 3L, Remains.ALL));
    assertThat(after.isAllPending()).isTrue();
  }

  @Test
  void whoseRetainedMessagesAreToBeClearedIsThereAgain() throws IOException {
    RevokedDevice told = new RevokedDevice("d-1", "issuing", "CN=d-1,OU=sensor");
    RevokedDevice untold = new RevokedDevice("d-1", "issuing", "");
    Remains remains = new Remains(Set.of("d-1", "d-2"), Set.of(told, untold));
    PendingDeletions.in(folder).add(Map.of(1L, remains));
    assertThat(PendingDeletions.in(folder).byEvent()).isEqualTo(Map.of(1L, remains));
  }

  private static Remains sessionsOf(String... devices) {
    return new Remains(Set.of(devices), Set.of());
  }

  @Test
  void fileDoesNotGrowWhenAllIsDone() throws IOException {
    PendingDeletions pending = PendingDeletions.in(folder);
    for (long event = 1; event <= 100; event++) {
      pending.add(Map.of(event, sessionsOf("d-" + event)));
      pending.done(Set.of(event));
    }
    assertThat(file()).isEmptyFile();
  }

  @Test
  void lineTornByAPowerCutIsPassedOver() throws IOException {
    PendingDeletions.in(folder).add(Map.of(1L, sessionsOf("d-1")));
    Files.writeString(file(), "+\t2\td-", StandardOpenOption.APPEND);
    PendingDeletions after = PendingDeletions.in(folder);
    assertThat(after.byEvent()).isEqualTo(Map.of(1L, sessionsOf("d-1")));
    after.add(Map.of(2L, sessionsOf("d-2")));
    assertThat(PendingDeletions.in(folder).byEvent()).containsKeys(1L, 2L);
  }

  @Test
  void damagedFileHasAllComparedAgain() throws IOException {
    Files.writeString(file(), "+\tsoon\td-1\n");
    assertThat(PendingDeletions.in(folder).isAllPending()).isTrue();
  }
}
