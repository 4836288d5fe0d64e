package io.guardbee.broker.status;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the feed's lines, in order, by one thread: the index first, then what is still connected
 * (a connection registers itself before it asks the index, so one of the two finds it), then the
 * acknowledgement.
 */
final class StatusFollower {

  private static final Logger LOG = LoggerFactory.getLogger(StatusFollower.class);

  private final StatusIndex index;
  private final Evictor evictor;
  private final Instructions instructions;
  private final Acknowledger acknowledger;
  private final Clock clock;
  private final List<BlockedCertificate> parts = new ArrayList<>();

  StatusFollower(
      StatusIndex index,
      Evictor evictor,
      Instructions instructions,
      Acknowledger acknowledger,
      Clock clock) {
    this.index = index;
    this.evictor = evictor;
    this.instructions = instructions;
    this.acknowledger = acknowledger;
    this.clock = clock;
  }

  /** A stream begins: what an earlier one left unfinished is void. */
  void begin() {
    parts.clear();
  }

  /**
   * Applies one line.
   *
   * @throws IllegalStateException when events were missed: the whole status must be asked for
   */
  void accept(FeedLine line) {
    index.heard(clock.instant()); // before anything that is saved with it
    if (line instanceof FeedLine.Snapshot snapshot) {
      part(snapshot);
    } else if (line instanceof FeedLine.Status status) {
      if (status.event() > index.event()) {
        change(status);
      }
    } else if (line instanceof FeedLine.Trusted trusted) {
      instructions.trust(trusted.trust());
      advance(trusted.event());
    } else if (line instanceof FeedLine.Ordered ordered) {
      instructions.policy(ordered.order());
      advance(ordered.event());
    } else if (line instanceof FeedLine.Unknown unknown) {
      advance(unknown.event());
    } else if (line.event() != index.event()) {
      throw new IllegalStateException(
          "the service is at event " + line.event() + ", this node at " + index.event());
    }
    acknowledger.heard();
  }

  private void advance(long event) {
    if (event > index.event()) {
      index.skipTo(event);
      acknowledger.nothingEnded(event);
    }
  }

  private void part(FeedLine.Snapshot snapshot) {
    parts.addAll(snapshot.certificates());
    if (!snapshot.last()) {
      return;
    }
    List<BlockedCertificate> whole = List.copyOf(parts);
    parts.clear();
    List<BlockedCertificate> added =
        whole.stream().filter(c -> index.block(c.key()).isEmpty()).toList();
    index.replace(snapshot.feed(), snapshot.event(), whole);
    LOG.info("status of event {} received: {} certificates blocked", index.event(), index.size());
    acknowledger.after(snapshot.event(), evictor.evict(added));
  }

  private void change(FeedLine.Status status) {
    index.apply(status);
    if (status.blocks()) {
      acknowledger.after(status.event(), evictor.evict(status.certificates()));
    } else {
      acknowledger.nothingEnded(status.event());
    }
    LOG.info(
        "event {}: device {} is {} ({} certificates)",
        status.event(),
        status.deviceId(),
        status.status(),
        status.certificates().size());
  }
}
