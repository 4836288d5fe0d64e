package io.guardbee.service.broker;

import java.time.Instant;

/**
 * What a node reported that the service did not act upon.
 *
 * @param detail the latest of it
 * @param times how often since {@code first}
 */
public record NodeAlarm(String detail, long times, Instant first, Instant last) {}
