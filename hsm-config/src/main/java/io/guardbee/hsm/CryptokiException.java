package io.guardbee.hsm;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.Set;

/** A PKCS#11 function that did not return CKR_OK. */
final class CryptokiException extends Exception {

  private static final long serialVersionUID = 1L;

  private static final long PIN_INCORRECT = 0xA0;
  private static final long PIN_INVALID = 0xA1;
  private static final long PIN_LEN_RANGE = 0xA2;
  private static final long PIN_EXPIRED = 0xA3;
  private static final long PIN_LOCKED = 0xA4;
  private static final long USER_ALREADY_LOGGED_IN = 0x100;
  private static final long CRYPTOKI_ALREADY_INITIALIZED = 0x191;

  /** The session, its login or its object handles are gone; a new session may still work. */
  private static final Set<Long> DEAD_SESSION =
      Set.of(
          0x32L, // CKR_DEVICE_REMOVED
          0x60L, // CKR_KEY_HANDLE_INVALID
          0x82L, // CKR_OBJECT_HANDLE_INVALID
          0xB0L, // CKR_SESSION_CLOSED
          0xB3L, // CKR_SESSION_HANDLE_INVALID
          0xE0L, // CKR_TOKEN_NOT_PRESENT
          0x101L); // CKR_USER_NOT_LOGGED_IN

  private static final Set<Long> PIN_REFUSED =
      Set.of(PIN_INCORRECT, PIN_INVALID, PIN_LEN_RANGE, PIN_EXPIRED, PIN_LOCKED);

  private final long code;
  private final String function;

  CryptokiException(String function, long code, String name) {
    super(function + " failed with " + name, null, false, false);
    this.function = function;
    this.code = code;
  }

  static CryptokiException notLoggedIn() {
    return new CryptokiException("C_FindObjects", 0x101, "CKR_USER_NOT_LOGGED_IN");
  }

  boolean isDeadSession() {
    return DEAD_SESSION.contains(code);
  }

  boolean isPinRefused() {
    return PIN_REFUSED.contains(code);
  }

  boolean isPinLocked() {
    return code == PIN_LOCKED;
  }

  boolean isAlreadyLoggedIn() {
    return code == USER_ALREADY_LOGGED_IN;
  }

  boolean isAlreadyInitialized() {
    return code == CRYPTOKI_ALREADY_INITIALIZED;
  }

  /** What a user is told: the token or module concerned, the function and its return code. */
  RefusedException refused(String subject) {
    return new RefusedException(
        Reason.MODULE_FAILED,
        Quoted.of(subject) + ": " + getMessage(),
        function.startsWith("C_GenerateKeyPair") || function.startsWith("C_InitToken")
            ? "check that the token's storage is writable and has room; the module's own log tells"
            : "look into the module's own log, check its configuration and try again");
  }
}
