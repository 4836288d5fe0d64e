package io.guardbee.broker.status;

import io.guardbee.broker.status.FeedApproval.Refused;
import io.guardbee.broker.status.StreamHead.Verified;
import io.guardbee.pki.FeedStatement;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether a feed that the service signed is the one to follow: the one that was followed,
 * not going back; one that says it goes on from that; or one that an operator has approved here. A
 * node that knows nothing takes the first.
 */
record FeedAdmission(StatusIndex index, FeedApproval approval, Clock clock) {

  private static final Logger LOG = LoggerFactory.getLogger(FeedAdmission.class);
  private static final String NEXT_STEP =
      "if that service is the genuine one, allow it on this machine: guardbee broker accept-feed";

  /**
   * Refuses early what was refused before, by what a peer says of itself.
   *
   * @throws RefusedException {@link Reason#FEED_REFUSED}
   */
  void requireNotRefused(String feed) {
    if (index.isKnown() && approval.isRefused(feed) && !approval.isApproved(feed)) {
      throw new RefusedException(
          Reason.FEED_REFUSED,
          "feed " + Quoted.of(feed) + " was refused before and is not approved",
          NEXT_STEP);
    }
  }

  /**
   * Requires that the feed may be followed.
   *
   * @throws RefusedException {@link Reason#FEED_REFUSED}
   */
  void require(Verified verified) {
    FeedStatement.Head head = verified.head();
    if (!index.isKnown()) {
      return;
    }
    if (approval.isApproved(head.feed())) {
      approval.use();
      LOG.warn("feed {} is followed from now on: an operator has approved it", head.feed());
      return;
    }
    requireNotRefused(head.feed());
    String why = fault(head);
    if (!why.isEmpty()) {
      approval.refuse(refused(verified, why));
      throw new RefusedException(Reason.FEED_REFUSED, why, NEXT_STEP);
    }
    try {
      approval.forget();
    } catch (IOException e) {
      LOG.warn("the note of a refused feed stays: {}", e.toString());
    }
  }

  /** Why it may not be followed; empty when it may. */
  private String fault(FeedStatement.Head head) {
    if (head.feed().equals(index.feed())) {
      return head.event() >= index.event()
          ? ""
          : "the service is at event "
              + head.event()
              + " of feed "
              + head.feed()
              + ", older than this node's "
              + index.event();
    }
    return head.follows().contains(index.feed())
        ? ""
        : "the service has feed " + head.feed() + ", this node followed " + index.feed();
  }

  private Refused refused(Verified verified, String why) {
    return new Refused(
        verified.head().feed(),
        verified.head().event(),
        Quoted.line(verified.signer().getSubjectX500Principal().getName())
            + " "
            + Fingerprint.of(verified.signer()),
        index.feed(),
        index.event(),
        why,
        clock.instant().toString());
  }
}
