package io.guardbee.broker.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.guardbee.broker.status.Acknowledger.Applied;
import io.guardbee.broker.status.Instructions.PolicyOrder;
import io.guardbee.pki.FeedStatement;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the feed's lines, in order, by one thread: the index first, then what is still connected
 * (a connection registers itself before it asks the index, so one of the two finds it). Then others
 * bring it to the disk and acknowledge it: nobody stays in for as long as a disk takes.
 */
final class StatusFollower {

  private static final Logger LOG = LoggerFactory.getLogger(StatusFollower.class);

  private final StatusIndex index;
  private final Ends ends;
  private final FeedAdmission admission;
  private final Acknowledger acknowledger;
  private final Clock clock;
  private @Nullable StreamHead head;
  private @Nullable FeedStatement signature;
  private long target;
  private boolean lacking;

  /** What the lines take effect on, and who may sign them. */
  record Ends(Evictor evictor, Instructions instructions, FeedSigners signers) {}

  StatusFollower(
      StatusIndex index, Ends ends, FeedApproval approval, Acknowledger acknowledger, Clock clock) {
    this.index = index;
    this.ends = ends;
    this.admission = new FeedAdmission(index, approval, clock);
    this.acknowledger = acknowledger;
    this.clock = clock;
  }

  /** A stream begins: what an earlier one left unfinished is void. */
  void begin(StreamHead.Ask ask) {
    // where an earlier one was not carried out to its end, all that it blocks counts as new
    head = new StreamHead(ask, index, acknowledger.isAllPending());
    signature = null;
  }

  /** Whether what was asked for is there, up to what the service had when the stream began. */
  boolean isFollowing() {
    return head == null && index.event() >= target;
  }

  /** Whether an event was passed over, so that the whole status must be asked for. */
  boolean isLacking() {
    return lacking;
  }

  /**
   * Applies one line.
   *
   * @throws RefusedException when the stream is not the service's, or not of the feed to follow
   * @throws IllegalStateException when events were missed: the whole status must be asked for
   */
  void accept(String text) {
    FeedLine line = FeedLine.parse(text);
    StreamHead beginning = head;
    if (beginning == null) {
      go(line, text);
    } else if (line instanceof FeedLine.Signed signed) {
      finish(beginning.verify(signed.statement(), ends.signers()));
    } else {
      if (line instanceof FeedLine.Snapshot part) {
        admission.requireNotRefused(part.feed());
      }
      beginning.add(line, text);
    }
  }

  private void finish(StreamHead.Verified verified) {
    admission.require(verified);
    head = null;
    target = verified.head().event();
    index
        .restore()
        .replace(
            verified.instructions().stream()
                .filter(FeedLine.Restored.class::isInstance)
                .map(FeedLine.Restored.class::cast)
                .toList());
    verified.instructions().stream()
        .filter(line -> !(line instanceof FeedLine.Restored))
        .forEach(this::tell);
    if (verified.hasNoPolicy()) {
      ends.instructions().noPolicy();
    }
    StatusRefill refill = verified.refill();
    if (refill == null) {
      if (!lacking) {
        index.refused("");
      }
      return; // events up to now come next
    }
    lacking = false;
    index.refused("");
    index.heard(clock.instant());
    NewlyBlocked newly = refill.commit(verified.head().feed(), target);
    applied(List.of(), Eviction.begin(Remains.ALL, () -> ends.evictor().reconsider(index, newly)));
    LOG.info("status of event {} received: {} certificates blocked", index.event(), index.size());
  }

  private void go(FeedLine line, String text) {
    FeedStatement covering = signature;
    signature = null;
    if (line instanceof FeedLine.Signed signed) {
      signature = signed.statement();
    } else if (line instanceof FeedLine.Snapshot) {
      throw new IllegalStateException("a whole status came amid a stream");
    } else if (line instanceof FeedLine.Heartbeat heartbeat) {
      beat(heartbeat);
    } else if (line.event() > 0 && isNext(line.event())) {
      index.heard(clock.instant()); // before anything that is saved with it
      follow(line, text, covering);
    }
  }

  private void beat(FeedLine.Heartbeat heartbeat) {
    if (heartbeat.event() != index.event()) {
      throw missed(heartbeat.event());
    }
    index.heard(clock.instant());
    acknowledger.heard(index);
  }

  /** Whether it is the event after the last; false when it was applied before. */
  private boolean isNext(long event) {
    if (event > index.event() + 1) {
      throw missed(event);
    }
    return event > index.event();
  }

  private IllegalStateException missed(long event) {
    return new IllegalStateException(
        "the service is at event " + event + ", this node at " + index.event());
  }

  private void follow(FeedLine line, String text, @Nullable FeedStatement covering) {
    try {
      requireSignature(line, text, covering);
    } catch (RefusedException e) {
      passOver(line, e);
      return;
    }
    if (line instanceof FeedLine.Status status) {
      change(status);
    } else {
      if (!isOutdated(line)) {
        tell(line);
      }
      skip(line);
    }
  }

  private void skip(FeedLine line) {
    index.skipTo(line.event());
    applied(List.of(), Eviction.nothing());
  }

  /** What blocks is believed without a signature, and what is not known has no effect. */
  private void requireSignature(FeedLine line, String text, @Nullable FeedStatement covering) {
    boolean blocks = line instanceof FeedLine.Status status && status.blocks();
    if (blocks || line instanceof FeedLine.Unknown) {
      return;
    }
    if (covering == null) {
      throw unsigned(line);
    }
    X509Certificate signer = covering.verifiedSigner();
    ends.signers()
        .require(signer, line instanceof FeedLine.Trusted trusted ? trusted.trust() : null);
    String sum = HexFormat.of().formatHex(StreamHead.sha256().digest(text.getBytes(UTF_8)));
    if (covering
        .event()
        .filter(new FeedStatement.Event(index.feed(), line.event(), sum)::equals)
        .isEmpty()) {
      throw unsigned(line);
    }
  }

  private static RefusedException unsigned(FeedLine line) {
    return new RefusedException(
        Reason.FEED_REFUSED,
        "event " + line.event() + " is not signed as this node's feed",
        "see whether the service's PKCS#11 module signs, and whether service in guardbee.yaml is"
            + " its address");
  }

  /** Revocations after it go on; the next whole status makes up for it. */
  private void passOver(FeedLine line, RefusedException why) {
    LOG.error("event {} is not followed: {}", line.event(), why.line());
    index.refused(why.detail());
    lacking = true;
    skip(line);
  }

  /** The head of the stream has told a newer one. */
  private boolean isOutdated(FeedLine line) {
    boolean lasting =
        line instanceof FeedLine.Trusted
            || line instanceof FeedLine.Restored
            || (line instanceof FeedLine.Ordered ordered
                && (ordered.order().mode() == PolicyOrder.Mode.ENFORCE
                    || ordered.order().mode() == PolicyOrder.Mode.OBSERVE));
    return lasting && line.event() <= target;
  }

  private void change(FeedLine.Status status) {
    List<Change> changes = index.apply(status);
    applied(
        changes,
        status.blocks()
            ? Eviction.begin(
                Remains.of(status.certificates()),
                () -> ends.evictor().evict(status.certificates()))
            : Eviction.nothing());
    LOG.info(
        "event {}: device {} is {} ({} certificates)",
        status.event(),
        status.deviceId(),
        status.status(),
        status.certificates().size());
  }

  private void applied(List<Change> changes, Eviction eviction) {
    acknowledger.after(new Applied(index.event(), index.state(), changes, eviction));
  }

  /** Whoever is told looks after it alone: revocations go on whatever becomes of it. */
  private void tell(FeedLine line) {
    try {
      if (line instanceof FeedLine.Trusted trusted) {
        ends.instructions().trust(trusted.trust());
      } else if (line instanceof FeedLine.Ordered ordered) {
        ends.instructions().policy(ordered.order());
      } else if (line instanceof FeedLine.Restored restored) {
        index.restore().add(restored);
      }
    } catch (RuntimeException e) {
      LOG.error("event {} could not be followed", line.event(), e);
    }
  }
}
