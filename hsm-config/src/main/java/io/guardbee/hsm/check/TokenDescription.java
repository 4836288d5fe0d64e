package io.guardbee.hsm.check;

import io.guardbee.hsm.check.HealthReport.PinState;
import io.guardbee.hsm.check.HealthReport.Sessions;
import io.guardbee.hsm.check.HealthReport.TokenFacts;
import io.guardbee.hsm.cryptoki.TokenInfo;
import io.guardbee.hsm.session.Slot;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.OptionalInt;

/** CK_TOKEN_INFO in words. */
record TokenDescription(TokenInfo info, Slot slot) {

  private static final DateTimeFormatter UTC_TIME = DateTimeFormatter.ofPattern("uuuuMMddHHmmss");

  TokenFacts facts() {
    return new TokenFacts(
        info.slot(),
        info.label(),
        info.serial(),
        info.manufacturer(),
        info.model(),
        info.firmware(),
        TokenFlags.names(info.flags()));
  }

  /** Modules tell no number, only these three (PKCS#11 v3.0 section 3.2). */
  PinState pin() {
    if (info.isPinLocked()) {
      return new PinState("locked", "the security officer must set a new user PIN");
    }
    if (info.isPinFinalTry()) {
      return new PinState("final-try", "one wrong PIN more locks the token");
    }
    if (info.isPinCountLow()) {
      return new PinState("count-low", "a wrong PIN was tried since the last right one");
    }
    return new PinState(
        "good", info.isLoginRequired() ? "no wrong PIN counted" : "the token asks for no PIN");
  }

  Sessions sessions() {
    long most = info.maxSessions();
    OptionalInt profile = slot.profile().maxSessions();
    return new Sessions(
        most == 0 ? "no limit" : told(most),
        profile.isEmpty() ? "no limit" : Integer.toString(profile.getAsInt()),
        slot.sessions(),
        told(info.sessions()));
  }

  private static String told(long number) {
    return number < 0 ? "not told" : Long.toString(number);
  }

  /**
   * The token's time and how far it is from ours.
   *
   * @return none without CKF_CLOCK_ON_TOKEN: utcTime then means nothing
   */
  String clock(Instant now) {
    if (!info.hasClock()) {
      return "none";
    }
    try {
      String digits = info.utcTime().substring(0, Math.min(14, info.utcTime().length()));
      Instant told = LocalDateTime.parse(digits, UTC_TIME).toInstant(ZoneOffset.UTC);
      long ahead = Duration.between(now, told).toSeconds();
      return told + ", " + Math.abs(ahead) + " s " + (ahead < 0 ? "behind" : "ahead of") + " ours";
    } catch (DateTimeException e) {
      return "unreadable: " + info.utcTime();
    }
  }
}
