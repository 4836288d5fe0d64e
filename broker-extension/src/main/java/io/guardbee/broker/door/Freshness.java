package io.guardbee.broker.door;

import io.guardbee.broker.policy.RefusedVersion;
import io.guardbee.broker.status.StatusIndex;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether what this node knows is good enough for new connections: the last known status, and the
 * policy.
 *
 * @param longest without contact to the service
 * @param allowStale whether connections may come in after that, with an alarm
 * @param refused the policy version in force that this node does not take
 */
record Freshness(Duration longest, boolean allowStale, Supplier<Optional<RefusedVersion>> refused) {

  private static final Logger LOG = LoggerFactory.getLogger(Freshness.class);
  private static final String NEXT_STEP = "start the provisioning service or mend the way to it";

  void check(StatusIndex index, String name, Instant now) {
    refused.get().ifPresent(Freshness::refuse);
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

  /** A device is not told what is wrong with the policy: the log and the service are. */
  private static void refuse(RefusedVersion version) {
    throw new RefusedException(
        Reason.POLICY_NOT_APPLIED,
        "this node cannot apply " + version.name() + ", which is in force",
        "connect to another node; operators: guardbee broker status");
  }
}
