package io.guardbee.broker.report;

import io.guardbee.pki.Reason;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Somebody was not let in, or was ended.
 *
 * @param stage where: {@code handshake}, {@code connect}, {@code session}
 * @param detail one line, without secrets
 * @param deviceId null where the certificate has none that is readable
 * @param serial of the certificate, upper-case hexadecimal; null without one
 * @param address of the peer, null where the broker does not know it
 * @param clientId null before CONNECT
 */
public record Refusal(
    Instant at,
    String stage,
    Reason reason,
    String detail,
    @Nullable String deviceId,
    @Nullable String serial,
    @Nullable String address,
    @Nullable String clientId) {}
