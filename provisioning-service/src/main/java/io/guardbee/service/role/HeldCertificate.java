package io.guardbee.service.role;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A certificate of an operator or a broker, as callers see it.
 *
 * @param status {@code active}, {@code revoked} or {@code expired}
 * @param endsAt when it is superseded, where a successor was issued
 */
public record HeldCertificate(
    String name,
    String serial,
    String status,
    Instant notBefore,
    Instant notAfter,
    @Nullable Instant endsAt,
    @Nullable Instant revokedAt,
    @Nullable String reason) {}
