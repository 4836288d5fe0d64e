package io.guardbee.broker.status;

import java.time.Instant;

/**
 * A certificate that must not come in.
 *
 * @param deviceId whose it is
 * @param status what the service calls its state, such as {@code revoked}
 * @param until the certificate's own end; it needs no entry after that
 */
public record BlockedCertificate(
    CertificateKey key, String deviceId, String status, Instant until) {}
