package io.guardbee.broker.session;

/**
 * A subscription that a session has.
 *
 * @param filter as the client sent it, {@code $share/…} included
 * @param qos 0, 1 or 2
 */
public record Subscribed(String filter, int qos) {}
