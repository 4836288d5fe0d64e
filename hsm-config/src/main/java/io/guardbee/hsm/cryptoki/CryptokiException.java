package io.guardbee.hsm.cryptoki;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.Set;

/** A PKCS#11 function that did not return CKR_OK. */
public final class CryptokiException extends Exception {

  private static final long serialVersionUID = 1L;

  private static final long OK = 0;
  private static final long ATTRIBUTE_SENSITIVE = 0x11;
  private static final long ATTRIBUTE_TYPE_INVALID = 0x12;
  private static final long PIN_INCORRECT = 0xA0;
  private static final long PIN_INVALID = 0xA1;
  private static final long PIN_LEN_RANGE = 0xA2;
  private static final long PIN_EXPIRED = 0xA3;
  private static final long PIN_LOCKED = 0xA4;
  private static final long USER_ALREADY_LOGGED_IN = 0x100;
  private static final long USER_NOT_LOGGED_IN = 0x101;
  private static final long CRYPTOKI_NOT_INITIALIZED = 0x190;
  private static final long CRYPTOKI_ALREADY_INITIALIZED = 0x191;

  private static final Set<Long> PIN_REFUSED =
      Set.of(PIN_INCORRECT, PIN_INVALID, PIN_LEN_RANGE, PIN_EXPIRED, PIN_LOCKED);

  private final long code;
  private final String function;
  private final Remedy remedy;

  /**
   * @param code CKR_…
   * @param name the code's name
   */
  CryptokiException(String function, long code, String name) {
    this(function, code, "failed with " + name, Remedy.of(code));
  }

  private CryptokiException(String function, long code, String what, Remedy remedy) {
    super(function + " " + what, null, false, false);
    this.function = function;
    this.code = code;
    this.remedy = remedy;
  }

  /** A signature that must not be used: its key's handle may mean another key by now. */
  public static CryptokiException badSignature(String what) {
    return new CryptokiException("C_Sign", OK, "gave " + what, Remedy.NEW_SESSION);
  }

  /** What a module hides instead of saying it: private keys, from those who are logged out. */
  public static CryptokiException notLoggedIn() {
    return new CryptokiException("C_FindObjects", USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN");
  }

  public Remedy remedy() {
    return remedy;
  }

  public boolean isPinRefused() {
    return PIN_REFUSED.contains(code);
  }

  public boolean isPinLocked() {
    return code == PIN_LOCKED;
  }

  public boolean isAlreadyLoggedIn() {
    return code == USER_ALREADY_LOGGED_IN;
  }

  boolean isAlreadyInitialized() {
    return code == CRYPTOKI_ALREADY_INITIALIZED;
  }

  boolean isNotInitialized() {
    return code == CRYPTOKI_NOT_INITIALIZED;
  }

  /** The object has no such attribute, or will not show it. */
  public boolean isNoAttribute() {
    return code == ATTRIBUTE_TYPE_INVALID || code == ATTRIBUTE_SENSITIVE;
  }

  /** What a user is told: the token or module concerned, the function and its return code. */
  public RefusedException refused(String subject) {
    return new RefusedException(
        Reason.MODULE_FAILED,
        Quoted.of(subject) + ": " + getMessage(),
        function.startsWith("C_GenerateKeyPair") || function.startsWith("C_InitToken")
            ? "check that the token's storage is writable and has room; the module's own log tells"
            : "look into the module's own log, check its configuration and try again");
  }
}
