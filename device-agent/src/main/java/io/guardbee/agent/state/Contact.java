package io.guardbee.agent.state;

import java.time.Instant;

/**
 * How the device last fared with the broker.
 *
 * @param outcome {@code connected}, or the refusal as one line
 */
public record Contact(Instant at, String outcome) {}
