package io.guardbee.broker.watch;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** How current a node is. */
record Health(Vitals vitals, Clock clock) {

  /** Seconds since the service was last heard; infinite for never. */
  double lagSeconds() {
    Instant contact = vitals.contact();
    if (!vitals.isKnown() || contact.equals(Instant.MIN)) {
      return Double.POSITIVE_INFINITY;
    }
    return Math.max(0, Duration.between(contact, clock.instant()).toMillis() / 1000.0);
  }
}
