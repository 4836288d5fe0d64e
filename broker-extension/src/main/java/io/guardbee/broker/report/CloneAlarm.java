package io.guardbee.broker.report;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One identity seems to be in two places.
 *
 * @param otherSerial of the certificate in the other place; null where it is the same one
 * @param addresses the places
 * @param action what the policy wants: {@code alert}, {@code refuse-new} or {@code suspend}
 */
public record CloneAlarm(
    Instant at,
    String deviceId,
    String serial,
    @Nullable String otherSerial,
    List<String> addresses,
    String action) {
  public CloneAlarm {
    addresses = List.copyOf(addresses);
  }
}
