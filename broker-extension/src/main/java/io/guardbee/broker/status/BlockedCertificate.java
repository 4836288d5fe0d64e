package io.guardbee.broker.status;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.time.Instant;

/**
 * A certificate that must not come in.
 *
 * @param deviceId whose it is
 * @param status what the service calls its state: {@code revoked}, {@code superseded}, {@code
 *     suspended}
 * @param until the certificate's own end; it needs no entry after that
 */
public record BlockedCertificate(
    CertificateKey key, String deviceId, String status, Instant until) {

  /**
   * Whether only the certificate has ended, since the device has its successor: the device keeps
   * what it has in the broker.
   */
  public boolean isSuperseded() {
    return status.equals("superseded");
  }

  private boolean isSuspended() {
    return status.equals("suspended");
  }

  /** What its owner is told. */
  public RefusedException refusal() {
    if (isSuspended()) {
      return new RefusedException(
          Reason.CERTIFICATE_SUSPENDED,
          "certificate " + key.serial() + " is suspended",
          "ask the operator to end that: guardbee device reinstate " + deviceId);
    }
    return new RefusedException(
        Reason.CERTIFICATE_REVOKED,
        "certificate " + key.serial() + " is " + status,
        isSuperseded()
            ? "connect with the certificate that was issued after it"
            : "enrol again: ask the operator for guardbee device grant");
  }
}
