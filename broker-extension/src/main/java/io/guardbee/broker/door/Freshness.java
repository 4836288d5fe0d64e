package io.guardbee.broker.door;

import io.guardbee.broker.status.StatusIndex;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the last known status is good enough for new connections.
 *
 * @param longest without contact to the service
 * @param allowStale whether connections may come in after that, with an alarm
 */
record Freshness(Duration longest, boolean allowStale) {

  private static final Logger LOG = LoggerFactory.getLogger(Freshness.class);
  private static final String NEXT_STEP = "start the provisioning service or mend the way to it";

  void check(StatusIndex index, String name, Instant now) {
    if (!index.isKnown()) {
      throw new RefusedException(
          Reason.STATUS_STALE, "this node never received the certificates' status", NEXT_STEP);
    }
    if (!now.isAfter(index.contact().plus(longest))) {
      return;
    }
    if (!allowStale) {
      throw new RefusedException(
          Reason.STATUS_STALE, "the service was last heard at " + index.contact(), NEXT_STEP);
    }
    LOG.error(
        "ALARM: {} admitted on a status as old as {} (status.whenStale: allow)",
        name,
        index.contact());
  }
}
