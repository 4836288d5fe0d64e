package io.guardbee.broker.report;

import java.time.Instant;
import java.util.List;

/**
 * One certificate seems to be in two places.
 *
 * @param addresses the places
 * @param action what the policy wants: {@code alert}, {@code refuse-new} or {@code suspend}
 */
public record CloneAlarm(
    Instant at, String deviceId, String serial, List<String> addresses, String action) {
  public CloneAlarm {
    addresses = List.copyOf(addresses);
  }
}
