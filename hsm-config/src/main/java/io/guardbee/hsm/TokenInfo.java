package io.guardbee.hsm;

/** What a module tells of the token in a slot (CK_TOKEN_INFO), padding removed. */
record TokenInfo(
    long slot,
    String label,
    String manufacturer,
    String model,
    String serial,
    long maxSessions,
    long flags) {

  private static final long LOGIN_REQUIRED = 0x4; // CKF_LOGIN_REQUIRED
  private static final long INITIALIZED = 0x400; // CKF_TOKEN_INITIALIZED

  boolean isInitialized() {
    return (flags & INITIALIZED) != 0;
  }

  boolean isLoginRequired() {
    return (flags & LOGIN_REQUIRED) != 0;
  }
}
