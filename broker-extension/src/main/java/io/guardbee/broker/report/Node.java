package io.guardbee.broker.report;

import java.time.Instant;

/**
 * Who reports.
 *
 * @param name on the feed
 * @param extension version of Guardbee
 * @param hivemq version of the broker
 */
public record Node(String name, String extension, String hivemq, Instant startedAt) {}
