package io.guardbee.service.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.store.Database;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is on record, how much of it, and for how long. */
class ApprovalBookTest {

  private static final int MOST_BY_ONE_RIGHT = 1_000;

  private final Instant start = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir private Path directory;
  private Database database;

  @BeforeEach
  void open() throws IOException {
    database = Database.embedded(directory);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private <T> T at(Instant now, Function<ApprovalBook, T> work) {
    return database.transact(tx -> work.apply(new ApprovalBook(tx, now, Duration.ofSeconds(30))));
  }

  private static Petition petition(String device, String way, String right) {
    Fingerprint key = Fingerprint.of(device.getBytes(StandardCharsets.US_ASCII));
    return new Petition(new DeviceId(device), key, "sensor", way, right, "192.0.2.1");
  }

  private Boolean enter(Instant now, Petition petition) {
    return at(
        now,
        book -> {
          book.enter(petition);
          return true;
        });
  }

  @Test
  void holderOfOneRightCannotCrowdOutTheOthers() {
    at(
        start,
        book -> {
          for (int i = 0; i < MOST_BY_ONE_RIGHT; i++) {
            book.enter(petition("d-" + i, "claim", "line-7"));
          }
          return true;
        });
    assertThatThrownBy(() -> enter(start, petition("one-more", "claim", "line-7")))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.APPROVAL_UNAVAILABLE);
              assertThat(e.retryAfter()).hasValue(Duration.ofSeconds(30));
            });
    assertThat(enter(start, petition("one-more", "claim", "line-8"))).isTrue();
    Instant later = start.plus(Duration.ofDays(8));
    List<Entry> left = at(later, book -> book.pending(0, 10));
    assertThat(left).isEmpty();
    assertThat(enter(later, petition("one-more", "claim", "line-7"))).isTrue();
  }

  @Test
  void whatWaitsIsReadPageByPageAndForgottenInTime() {
    for (int i = 0; i < 5; i++) {
      enter(start.plusSeconds(i), petition("d-" + i, "token", "t-" + i));
    }
    List<Entry> first = at(start, book -> book.pending(0, 3));
    List<Entry> rest = at(start, book -> book.pending(first.get(2).id(), 3));
    assertThat(first).extracting(Entry::deviceId).containsExactly("d-0", "d-1", "d-2");
    assertThat(rest).extracting(Entry::deviceId).containsExactly("d-3", "d-4");
    List<Entry> late =
        at(start.plus(Duration.ofDays(7)).plusSeconds(2), book -> book.pending(0, 9));
    assertThat(late).extracting(Entry::deviceId).containsExactly("d-3", "d-4");
  }

  @Test
  void laterTokenTakesThePlaceOfOneThatItWithdrew() {
    enter(start, petition("d-1", "token", "first"));
    enter(start, petition("d-1", "token", "second"));
    List<Entry> entries = at(start, book -> book.of(new DeviceId("d-1")));
    assertThat(entries).extracting(Entry::right).containsExactly("second");
  }

  @Test
  void webhooksDenialIsForgottenTheNextDayAndAnOperatorsIsNot() {
    Petition byProgram = petition("d-1", "manufacturer", "idevid-1");
    Petition byPerson = petition("d-2", "manufacturer", "idevid-2");
    at(
        start,
        book -> {
          book.rule(byProgram, Ruling.of(Entry.DENIED, Ruling.WEBHOOK, "unknown"));
          book.rule(byPerson, Ruling.of(Entry.DENIED, "ann", "stolen"));
          return true;
        });
    Instant later = start.plus(Duration.ofDays(2));
    Optional<Entry> ofProgram = at(later, book -> book.find(byProgram));
    Optional<Entry> ofPerson = at(later, book -> book.find(byPerson));
    assertThat(ofProgram).isEmpty();
    assertThat(ofPerson.orElseThrow().reason()).isEqualTo("stolen");
  }

  @Test
  void reasonIsOneBoundedLine() {
    Ruling ruling = Ruling.of(Entry.DENIED, "ann", "\u001b[2Jno\n" + "é".repeat(500));
    assertThat(ruling.reason()).startsWith("\\u001B[2Jno\\u000A").hasSizeLessThan(300);
  }
}
