package io.guardbee.hsm.session;

import java.time.Instant;
import java.util.Locale;

/**
 * Whether a token serves.
 *
 * @param since when that began
 * @param detail the cause and what happens next; empty when ready
 */
public record TokenHealth(State state, Instant since, String detail) {

  /** What a caller can expect. */
  public enum State {
    /** Requests are served. */
    READY,
    /** A fault has just been met: requests wait, for a bounded time, while it is being mended. */
    RECOVERING,
    /** Requests are refused at once; Guardbee goes on trying by itself. */
    UNAVAILABLE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public boolean isReady() {
    return state == State.READY;
  }

  /** One line: {@code unavailable since 2026-11-24T10:00:00Z: …}. */
  public String line() {
    return state + " since " + since + (detail.isEmpty() ? "" : ": " + detail);
  }
}
