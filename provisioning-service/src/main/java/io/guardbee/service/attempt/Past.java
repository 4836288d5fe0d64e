package io.guardbee.service.attempt;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A refusal on record.
 *
 * @param first when it happened first
 * @param last when it happened last, within a minute of the first
 * @param times how often
 */
public record Past(
    Instant first,
    Instant last,
    int times,
    String door,
    String address,
    @Nullable String claimed,
    String request,
    String reason,
    String detail,
    String nextStep) {}
