package io.guardbee.service.approval;

import io.guardbee.pki.Quoted;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A decision, and who took it.
 *
 * @param reason for the device and the record; one line
 */
record Ruling(String state, String by, @Nullable String reason) {

  static final String WEBHOOK = "webhook";

  private static final int LONGEST_REASON = 200;

  /** An approved device may be switched off for a while before it fetches its certificate. */
  private static final Duration APPROVAL = Duration.ofDays(30);

  private static final Duration DENIAL = Duration.ofDays(90);

  /** A program's mind changes with its data: it is asked again on another day. */
  private static final Duration DENIAL_BY_WEBHOOK = Duration.ofDays(1);

  static Ruling of(String state, String by, @Nullable String reason) {
    return new Ruling(state, by, reason == null || reason.isBlank() ? null : line(reason));
  }

  private static String line(String reason) {
    int end = Math.min(LONGEST_REASON, reason.codePointCount(0, reason.length()));
    return Quoted.line(reason.substring(0, reason.offsetByCodePoints(0, end)));
  }

  /** How long it is remembered. */
  Duration life() {
    if (state.equals(Entry.APPROVED)) {
      return APPROVAL;
    }
    return by.equals(WEBHOOK) ? DENIAL_BY_WEBHOOK : DENIAL;
  }
}
