package io.guardbee.service.approval;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A request for approval on record.
 *
 * @param key fingerprint of the key: {@code sha256:…}
 * @param way by what kind of right it asks, and {@code right} names that one
 * @param address whence it was asked for first
 * @param state {@code pending}, {@code approved} or {@code denied}
 * @param expires when it is forgotten: as if it had never been asked for
 * @param decidedBy an operator's name, or {@code webhook}
 * @param reason what was said of the decision
 */
public record Entry(
    long id,
    String deviceId,
    String key,
    String profile,
    String way,
    String right,
    String address,
    String state,
    Instant since,
    Instant expires,
    @Nullable String decidedBy,
    @Nullable String reason) {

  static final String PENDING = "pending";
  static final String APPROVED = "approved";
  static final String DENIED = "denied";

  boolean is(String other) {
    return state.equals(other);
  }
}
