package io.guardbee.service.store;

import java.time.Instant;

/**
 * Whether the database takes changes.
 *
 * @param since when that began
 * @param detail why it does not; empty when it does
 */
public record StorageHealth(boolean isReady, Instant since, String detail) {}
