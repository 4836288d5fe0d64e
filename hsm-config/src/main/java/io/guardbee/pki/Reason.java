package io.guardbee.pki;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Why something was refused: the closed set of what a caller may be told, on every protocol. The
 * {@linkplain #toString() code} is stable, for programs to act on.
 */
public enum Reason {
  // grants
  TOKEN_MISSING,
  TOKEN_WRONG,
  TOKEN_USED,
  TOKEN_EXPIRED,
  GRANT_MISSING,
  GRANT_EXPIRED,
  GRANT_EXHAUSTED,
  GRANT_EXISTS,
  NAME_NOT_GRANTED,
  NAME_RESERVED,
  SERVER_NAME_MISSING,
  APPROVAL_PENDING,
  APPROVAL_DENIED,
  APPROVAL_UNAVAILABLE,

  // certificate signing requests
  CSR_MALFORMED,
  CSR_SIGNATURE_INVALID,
  CSR_NAME_MISMATCH,
  CSR_CA_REQUESTED,
  BINDING_MISMATCH,
  KEY_UNSUPPORTED,
  CSR_TOO_COMPLEX,
  KEY_WEAK,
  KEY_ROCA,
  KEY_DEBIAN_WEAK,
  KEY_FACTORED,
  KEY_POINT_INVALID,
  KEY_NOT_NEW,
  KEY_NOT_SAME,
  SERVER_KEYS_OFF,
  DECRYPT_KEY_UNUSABLE,
  KEY_BOUND_TO_OTHER_DEVICE,
  KEY_REVOKED,

  // names
  DEVICE_ID_INVALID,
  DEVICE_UNKNOWN,
  DEVICE_EXISTS,
  DEVICE_REVOKED,
  DEVICE_SUSPENDED,
  HOLDER_UNKNOWN,
  NO_CERTIFICATE_COVERED,
  PROFILE_UNKNOWN,
  PROFILE_NOT_GRANTED,

  // certificates that callers present
  CERTIFICATE_MISSING,
  CERTIFICATE_UNTRUSTED,
  CERTIFICATE_EXPIRED,
  CERTIFICATE_NOT_YET_VALID,
  CERTIFICATE_PURPOSE_WRONG,
  CERTIFICATE_WEAK,
  CERTIFICATE_MALFORMED,
  CERTIFICATE_REVOKED,
  CERTIFICATE_SUPERSEDED,
  CERTIFICATE_SUSPENDED,
  CERTIFICATE_UNKNOWN,
  CERTIFICATE_UNCONFIRMED,
  ROLE_MISSING,

  // the broker's door
  ATTRIBUTE_INVALID,
  CLIENT_ID_MISMATCH,
  POLICY_NO_RULE,
  TOPIC_NOT_ALLOWED,
  CONNECTIONS_EXHAUSTED,
  SESSIONS_EXHAUSTED,
  SUBSCRIPTIONS_EXHAUSTED,
  FILTER_TOO_LONG,
  CLONE_SUSPECTED,
  STATUS_STALE,
  FEED_REFUSED,

  // requests and configuration
  TLS_FAILED,
  REQUEST_MALFORMED,
  REQUEST_TOO_LARGE,
  REQUEST_TOO_SLOW,
  MEDIA_TYPE_UNSUPPORTED,
  METHOD_NOT_ALLOWED,
  CROSS_SITE,
  RATE_LIMITED,
  REQUEST_UNDER_WAY,
  OVERLOADED,
  NOT_FOUND,
  CONFIGURATION_INVALID,
  POLICY_INVALID,
  POLICY_UNKNOWN,
  POLICY_NOT_APPLIED,
  BROKER_UNKNOWN,
  BROKER_CONNECTED,
  PORT_IN_USE,

  // the parts below
  MODULE_MISSING,
  MODULE_FAILED,
  MECHANISM_MISSING,
  PIN_WRONG,
  KEY_MISSING,
  STORAGE_FAILED,
  BROKER_NOT_ACKNOWLEDGED,
  SERVICE_UNREACHABLE,
  INTERNAL;

  private final String code = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** The reason with that code, if there is one. */
  public static Optional<Reason> parse(String code) {
    return Arrays.stream(values()).filter(reason -> reason.code.equals(code)).findFirst();
  }

  /** The stable code, such as {@code token-expired}. */
  @Override
  public String toString() {
    return code;
  }
}
