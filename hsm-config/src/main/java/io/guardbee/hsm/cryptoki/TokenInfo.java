package io.guardbee.hsm.cryptoki;

/**
 * What a module tells of the token in a slot (CK_TOKEN_INFO), padding removed.
 *
 * @param maxSessions 0 for no limit, -1 where the module does not say
 * @param sessions open now, in all processes; -1 where the module does not say
 * @param utcTime {@code YYYYMMDDhhmmss00}, empty for a token without clock
 */
public record TokenInfo(
    long slot,
    String label,
    String manufacturer,
    String model,
    String serial,
    String firmware,
    long maxSessions,
    long sessions,
    long flags,
    String utcTime) {

  private static final long RANDOM = 0x1; // CKF_RNG
  private static final long LOGIN_REQUIRED = 0x4; // CKF_LOGIN_REQUIRED
  private static final long USER_PIN_SET = 0x8; // CKF_USER_PIN_INITIALIZED
  private static final long CLOCK = 0x40; // CKF_CLOCK_ON_TOKEN
  private static final long INITIALIZED = 0x400; // CKF_TOKEN_INITIALIZED
  private static final long PIN_COUNT_LOW = 0x10000; // CKF_USER_PIN_COUNT_LOW
  private static final long PIN_FINAL_TRY = 0x20000; // CKF_USER_PIN_FINAL_TRY
  private static final long PIN_LOCKED = 0x40000; // CKF_USER_PIN_LOCKED

  public boolean isInitialized() {
    return is(INITIALIZED);
  }

  public boolean isLoginRequired() {
    return is(LOGIN_REQUIRED);
  }

  /** Whether the user's PIN has been set: false while the token is being made. */
  public boolean hasUserPin() {
    return is(USER_PIN_SET);
  }

  /** Whether {@link #utcTime} means anything. */
  public boolean hasClock() {
    return is(CLOCK);
  }

  /** Whether it gives random octets. */
  public boolean hasRandom() {
    return is(RANDOM);
  }

  /** A wrong PIN was tried since the last right one. */
  public boolean isPinCountLow() {
    return is(PIN_COUNT_LOW);
  }

  /** The next wrong PIN locks the token. */
  public boolean isPinFinalTry() {
    return is(PIN_FINAL_TRY);
  }

  public boolean isPinLocked() {
    return is(PIN_LOCKED);
  }

  private boolean is(long flag) {
    return (flags & flag) != 0;
  }
}
