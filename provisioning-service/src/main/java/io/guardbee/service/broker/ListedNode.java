package io.guardbee.service.broker;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A broker in the list for operators.
 *
 * @param notReachedSince when the service last heard of it; null while it is connected
 * @param policyRefused which version in force it refuses and why, so that it takes no new
 *     connections; null when it refuses none
 * @param alarm what it reported that the service did not act upon; null for nothing
 */
public record ListedNode(
    @JsonUnwrapped NodeStatus status,
    @Nullable Instant notReachedSince,
    @Nullable String policyRefused,
    @Nullable NodeAlarm alarm) {}
