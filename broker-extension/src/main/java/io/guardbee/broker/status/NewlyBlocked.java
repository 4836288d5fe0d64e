package io.guardbee.broker.status;

import java.util.function.Predicate;

/**
 * Which devices, by their ids, a whole status blocks that were not blocked before; any thread may
 * ask.
 *
 * @param unwelcome those that must not come back, so that they lose their sessions
 * @param revoked those of them that are revoked, so that they lose their retained messages
 * @param anyRevoked whether there are any of the latter
 */
public record NewlyBlocked(
    Predicate<String> unwelcome, Predicate<String> revoked, boolean anyRevoked) {}
