package io.guardbee.service.http;

import io.guardbee.pki.RefusedException;

/** An error as {@code application/problem+json} (RFC 9457). */
record Problem(
    String type, String title, int status, String reason, String detail, String nextStep) {

  static Problem of(RefusedException refused, int status) {
    return new Problem(
        "about:blank", // RFC 9457 §4.2.1: no more than the status says; `reason` is for programs
        refused.reason().toString().replace('-', ' '),
        status,
        refused.reason().toString(),
        refused.detail(),
        refused.nextStep());
  }
}
