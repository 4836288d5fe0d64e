package io.guardbee.service.http;

import io.guardbee.pki.Reason;

/** The one mapping from reasons to HTTP status codes. */
final class HttpStatusOf {

  private HttpStatusOf() {}

  static int reason(Reason reason) {
    return switch (reason) {
      case APPROVAL_PENDING -> 202; // RFC 7030 §4.2.3
      case TOKEN_MISSING, TOKEN_WRONG, CERTIFICATE_MISSING -> 401;
      case TOKEN_USED,
          TOKEN_EXPIRED,
          GRANT_MISSING,
          GRANT_EXPIRED,
          GRANT_EXHAUSTED,
          NAME_NOT_GRANTED,
          NAME_RESERVED,
          SERVER_NAME_MISSING,
          APPROVAL_DENIED,
          PROFILE_NOT_GRANTED,
          SERVER_KEYS_OFF,
          KEY_NOT_NEW,
          KEY_NOT_SAME,
          CSR_NAME_MISMATCH,
          CSR_CA_REQUESTED,
          KEY_BOUND_TO_OTHER_DEVICE,
          KEY_REVOKED,
          DEVICE_REVOKED,
          DEVICE_SUSPENDED,
          CERTIFICATE_UNTRUSTED,
          CERTIFICATE_EXPIRED,
          CERTIFICATE_NOT_YET_VALID,
          CERTIFICATE_PURPOSE_WRONG,
          CERTIFICATE_WEAK,
          CERTIFICATE_MALFORMED,
          CERTIFICATE_REVOKED,
          CERTIFICATE_SUPERSEDED,
          CERTIFICATE_SUSPENDED,
          CLONE_SUSPECTED,
          CERTIFICATE_UNKNOWN,
          CERTIFICATE_UNCONFIRMED,
          ROLE_MISSING,
          ATTRIBUTE_INVALID,
          CLIENT_ID_MISMATCH,
          CROSS_SITE,
          POLICY_NO_RULE,
          TOPIC_NOT_ALLOWED ->
          403;
      case CSR_MALFORMED,
          BINDING_MISMATCH,
          CSR_SIGNATURE_INVALID,
          KEY_UNSUPPORTED,
          KEY_WEAK,
          CSR_TOO_COMPLEX,
          KEY_ROCA,
          KEY_DEBIAN_WEAK,
          KEY_FACTORED,
          KEY_POINT_INVALID,
          DECRYPT_KEY_UNUSABLE,
          DEVICE_ID_INVALID,
          PROFILE_UNKNOWN,
          REQUEST_MALFORMED,
          TLS_FAILED,
          CONFIGURATION_INVALID,
          POLICY_INVALID ->
          400;
      case DEVICE_UNKNOWN,
          HOLDER_UNKNOWN,
          NO_CERTIFICATE_COVERED,
          POLICY_UNKNOWN,
          BROKER_UNKNOWN,
          NOT_FOUND ->
          404;
      case METHOD_NOT_ALLOWED -> 405;
      case REQUEST_TOO_SLOW -> 408;
      case DEVICE_EXISTS, GRANT_EXISTS, BROKER_CONNECTED -> 409;
      case REQUEST_TOO_LARGE -> 413;
      case MEDIA_TYPE_UNSUPPORTED -> 415;
      case RATE_LIMITED,
          CONNECTIONS_EXHAUSTED,
          SESSIONS_EXHAUSTED,
          SUBSCRIPTIONS_EXHAUSTED,
          FILTER_TOO_LONG ->
          429;
      case INTERNAL -> 500;
      case OVERLOADED,
          REQUEST_UNDER_WAY,
          APPROVAL_UNAVAILABLE,
          STATUS_STALE,
          FEED_REFUSED,
          MODULE_MISSING,
          MODULE_FAILED,
          MECHANISM_MISSING,
          PIN_WRONG,
          KEY_MISSING,
          STORAGE_FAILED,
          POLICY_NOT_APPLIED,
          PORT_IN_USE,
          BROKER_NOT_ACKNOWLEDGED,
          SERVICE_UNREACHABLE ->
          503;
    };
  }
}
