package io.guardbee.broker.policy;

/**
 * A version that the service has in force and this node does not take.
 *
 * @param reason one line
 */
public record RefusedVersion(long number, String reason) {}
