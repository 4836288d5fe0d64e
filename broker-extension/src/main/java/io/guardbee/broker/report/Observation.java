package io.guardbee.broker.report;

/**
 * What a policy under observation would have refused.
 *
 * @param version of that policy
 * @param rule of that policy that would have decided, or why none would
 * @param request such as {@code publish devices/d-1/x} or {@code connect}
 * @param count since the last report
 */
public record Observation(long version, String rule, String deviceId, String request, long count) {}
