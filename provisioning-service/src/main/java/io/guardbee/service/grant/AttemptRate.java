package io.guardbee.service.grant;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts the attempts with each claim certificate, failed ones too: who has it could else try names
 * until one is on the list. On this node only. Thread-safe.
 */
final class AttemptRate {

  private static final Duration WINDOW = Duration.ofMinutes(1);

  private final Clock clock;
  private final Map<UUID, Window> windows = new ConcurrentHashMap<>(); // one a grant, no more

  private record Window(Instant start, int attempts) {}

  AttemptRate(Clock clock) {
    this.clock = clock;
  }

  /**
   * Counts one more.
   *
   * @throws RefusedException {@link Reason#RATE_LIMITED}
   */
  void attempt(StandingGrant grant, int perMinute) {
    Instant now = clock.instant();
    Window window =
        windows.merge(
            grant.id(),
            new Window(now, 1),
            (before, first) ->
                now.isBefore(before.start().plus(WINDOW))
                    ? new Window(before.start(), before.attempts() + 1)
                    : first);
    if (window.attempts() > perMinute) {
      throw new RefusedException(
          Reason.RATE_LIMITED,
          "grant " + grant.name() + " takes " + perMinute + " attempts a minute",
          "come back later; the operator sets the rate with guardbee grant claim --per-minute",
          Duration.between(now, window.start().plus(WINDOW)).plusSeconds(1));
    }
  }
}
