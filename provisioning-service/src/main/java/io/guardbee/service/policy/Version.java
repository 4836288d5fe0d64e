package io.guardbee.service.policy;

import java.time.Instant;

/**
 * A version of the policy, but for its text. Its text never changes.
 *
 * @param version from 1
 * @param at when it was handed in
 * @param by such as {@code operator:jane}
 * @param mode what was ordered of it at last: {@code enforce}, {@code observe} or {@code foresee}
 * @param state {@code in-force}, {@code observed}, {@code before} (was in force), {@code withdrawn}
 *     (was observed), {@code foreseen} or {@code refused}
 * @param sha256 of the text, in hexadecimal
 */
public record Version(
    long version,
    Instant at,
    String by,
    String comment,
    String mode,
    String state,
    String sha256) {}
