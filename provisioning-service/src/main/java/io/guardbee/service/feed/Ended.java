package io.guardbee.service.feed;

/**
 * What a broker has ended for one event.
 *
 * @param sessionsEnded live connections that it has closed
 * @param sessionsPending sessions that it is still deleting; 0 when they are gone
 */
public record Ended(long event, int sessionsEnded, int sessionsPending) {}
