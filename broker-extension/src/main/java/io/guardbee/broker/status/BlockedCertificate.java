package io.guardbee.broker.status;

import io.guardbee.pki.RefusedException;
import java.time.Instant;

/**
 * A certificate that must not come in, as the feed tells it.
 *
 * @param deviceId whose it is
 * @param status what the service calls its state: {@code revoked}, {@code superseded}, {@code
 *     suspended}
 * @param until the certificate's own end; it needs no entry after that
 * @param subject RFC 4514; empty where the service does not tell it
 */
public record BlockedCertificate(
    CertificateKey key, String deviceId, String status, Instant until, String subject) {

  /** One whose subject is not told. */
  public BlockedCertificate(CertificateKey key, String deviceId, String status, Instant until) {
    this(key, deviceId, status, until, "");
  }

  public Block block() {
    return Block.parse(status);
  }

  /**
   * Whether only the certificate has ended, since the device has its successor: the device keeps
   * what it has in the broker.
   */
  public boolean isSuperseded() {
    return !block().dropsSessions();
  }

  /** What its owner is told. */
  public RefusedException refusal() {
    return block().refusal(key, deviceId);
  }
}
