package io.guardbee.service.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.store.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The record of refusals on a real database. */
class AttemptsTest {

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-25T04:00:00Z"));
  private final Clock clock =
      new Clock() {
        @Override
        public ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          return this;
        }

        @Override
        public Instant instant() {
          return Objects.requireNonNull(now.get());
        }
      };

  private Database database;

  @BeforeEach
  void open(@TempDir Path directory) throws IOException {
    database = Database.embedded(directory.resolve("db"));
  }

  @AfterEach
  void close() {
    database.close();
  }

  private static Attempt attempt(String device, String address, String detail) {
    RefusedException why = new RefusedException(Reason.TOKEN_WRONG, detail, "ask the operator");
    return new Attempt(Attempt.Door.EST, address, device, "POST /x", why);
  }

  private long rows() {
    return database.transact(
        tx -> tx.createQuery("select count(*) from refusal").mapTo(Long.class).one());
  }

  @Test
  void newestComeFirstAndTheSameAgainOnlyCounts() {
    try (Attempts attempts = new Attempts(database, 100, clock)) {
      for (int i = 0; i < 25; i++) {
        now.updateAndGet(time -> time.plus(Duration.ofMinutes(2)));
        for (int again = 0; again <= i; again++) {
          attempts.record(attempt("d-1", "192.0.2.1", "wrong " + i));
        }
      }
      attempts.record(attempt("d-2", "192.0.2.1", "another's"));
      assertThat(attempts.newest("d-1", 20))
          .hasSize(20)
          .first()
          .matches(past -> past.detail().equals("wrong 24") && past.times() == 25);
    }
    assertThat(rows()).isEqualTo(26);
  }

  @Test
  void attackerCannotFillTheDisk() {
    try (Attempts attempts = new Attempts(database, 50, clock)) {
      for (int minute = 0; minute < 10; minute++) {
        now.updateAndGet(time -> time.plus(Duration.ofMinutes(1)));
        for (int i = 0; i < 500; i++) {
          attempts.record(
              attempt("made-up-" + i, "192.0." + minute + "." + i % 250, "x".repeat(100_000)));
        }
        attempts.newest("d-1", 1); // written by now
        assertThat(rows()).isLessThanOrEqualTo(55);
      }
      attempts.record(attempt("d-1", "192.0.2.1", "the latest"));
      assertThat(attempts.newest("d-1", 20)).as("the oldest go, not the newest").hasSize(1);
    }
    assertThat(
            database.<Integer>transact(
                tx ->
                    tx.createQuery("select max(length(detail)) from refusal")
                        .mapTo(Integer.class)
                        .one()))
        .isLessThanOrEqualTo(600);
  }

  @Test
  void zeroKeepsNone() {
    try (Attempts attempts = new Attempts(database, 0, clock)) {
      assertThat(attempts.record(attempt("d-1", "192.0.2.1", "wrong"))).isFalse();
      assertThat(attempts.newest("d-1", 20)).isEmpty();
    }
  }

  @Test
  void whatSteersATerminalOrADatabaseIsMadeHarmless() {
    try (Attempts attempts = new Attempts(database, 10, clock)) {
      attempts.record(attempt("d\0\u001b[2J", "192.0.2.1", "nul \0 here"));
      assertThat(attempts.newest("d\\u0000\\u001B[2J", 1)).hasSize(1);
    }
  }
}
