package io.guardbee.hsm.cryptoki;

import java.util.Map;

/** What a failed function's return code (PKCS#11 v3.0 §5.1) asks of the caller. */
public enum Remedy {
  /** None: the request itself is wrong, or the token refuses it. */
  NONE,
  /** The session or an object handle is gone; a new session, with its login, may work. */
  NEW_SESSION,
  /** Every session of the token is in use. */
  WAIT,
  /** The token, its connection or the library's state is gone: connect again. */
  RECONNECT;

  private static final Map<Long, Remedy> BY_CODE =
      Map.ofEntries(
          Map.entry(0x05L, RECONNECT), // CKR_GENERAL_ERROR
          Map.entry(0x06L, RECONNECT), // CKR_FUNCTION_FAILED
          Map.entry(0x03L, RECONNECT), // CKR_SLOT_ID_INVALID
          Map.entry(0x30L, RECONNECT), // CKR_DEVICE_ERROR
          Map.entry(0x32L, RECONNECT), // CKR_DEVICE_REMOVED
          Map.entry(0x50L, RECONNECT), // CKR_FUNCTION_CANCELED
          Map.entry(0x60L, NEW_SESSION), // CKR_KEY_HANDLE_INVALID
          Map.entry(0x82L, NEW_SESSION), // CKR_OBJECT_HANDLE_INVALID
          Map.entry(0x90L, NEW_SESSION), // CKR_OPERATION_ACTIVE
          Map.entry(0x91L, NEW_SESSION), // CKR_OPERATION_NOT_INITIALIZED
          Map.entry(0xB0L, NEW_SESSION), // CKR_SESSION_CLOSED
          Map.entry(0xB1L, WAIT), // CKR_SESSION_COUNT
          Map.entry(0xB3L, NEW_SESSION), // CKR_SESSION_HANDLE_INVALID
          Map.entry(0xE0L, RECONNECT), // CKR_TOKEN_NOT_PRESENT
          Map.entry(0xE1L, RECONNECT), // CKR_TOKEN_NOT_RECOGNIZED
          Map.entry(0x101L, NEW_SESSION), // CKR_USER_NOT_LOGGED_IN
          Map.entry(0x190L, RECONNECT)); // CKR_CRYPTOKI_NOT_INITIALIZED

  static Remedy of(long code) {
    return BY_CODE.getOrDefault(code, NONE);
  }
}
