package io.guardbee.broker.status;

import io.guardbee.broker.status.Acknowledger.Applied;
import java.time.Clock;
import java.util.List;
import java.util.function.Predicate;
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
  private final Evictor evictor;
  private final Instructions instructions;
  private final Acknowledger acknowledger;
  private final Clock clock;
  private @Nullable Coming coming;
  private boolean awaited = true;

  /** A whole status of which not all parts are there. */
  private record Coming(String feed, long event, StatusRefill refill) {
    void add(FeedLine.Snapshot part) {
      if (!part.feed().equals(feed) || part.event() != event) {
        throw new IllegalStateException("the parts of a whole status are not of one");
      }
      part.certificates().forEach(refill::add);
    }
  }

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

  /**
   * A stream begins: what an earlier one left unfinished is void.
   *
   * @param whole whether the whole status was asked for, and nothing else is to be followed
   */
  void begin(boolean whole) {
    coming = null;
    awaited = whole;
  }

  /** Whether what was asked for is there, so that the index can be gone on from. */
  boolean isFollowing() {
    return !awaited;
  }

  /**
   * Applies one line.
   *
   * @throws IllegalStateException when events were missed: the whole status must be asked for
   */
  void accept(FeedLine line) {
    if (line instanceof FeedLine.Snapshot snapshot) {
      part(snapshot);
    } else if (line instanceof FeedLine.Heartbeat heartbeat) {
      beat(heartbeat);
    } else if (line.event() == 0) {
      tell(line); // goes with a whole status, and stands for itself
    } else if (isNext(line.event())) {
      index.heard(clock.instant()); // before anything that is saved with it
      follow(line);
    }
  }

  private void part(FeedLine.Snapshot part) {
    Coming all = coming;
    if (all == null) {
      // where an earlier one was not carried out to its end, all that it blocks counts as new
      all = new Coming(part.feed(), part.event(), index.refill(acknowledger.isAllPending()));
      coming = all;
    }
    all.add(part);
    if (!part.last()) {
      return; // what is in force is still the old one, and no younger
    }
    begin(false);
    index.heard(clock.instant());
    Predicate<String> unwelcome = all.refill().commit(part.feed(), part.event());
    applied(
        List.of(),
        Eviction.begin(PendingDeletions.ALL, () -> evictor.reconsider(index, unwelcome)));
    LOG.info("status of event {} received: {} certificates blocked", index.event(), index.size());
  }

  private void beat(FeedLine.Heartbeat heartbeat) {
    if (awaited || coming != null) {
      return; // says nothing of what is in force here
    }
    if (heartbeat.event() != index.event()) {
      throw missed(heartbeat.event());
    }
    index.heard(clock.instant());
    acknowledger.heard(index);
  }

  /** Whether it is the event after the last; false when it was applied before. */
  private boolean isNext(long event) {
    if (awaited || coming != null) {
      throw new IllegalStateException("event " + event + " came before a whole status");
    }
    if (event > index.event() + 1) {
      throw missed(event);
    }
    return event > index.event();
  }

  private IllegalStateException missed(long event) {
    return new IllegalStateException(
        "the service is at event " + event + ", this node at " + index.event());
  }

  private void follow(FeedLine line) {
    if (line instanceof FeedLine.Status status) {
      change(status);
    } else {
      tell(line);
      index.skipTo(line.event());
      applied(List.of(), Eviction.nothing());
    }
  }

  private void change(FeedLine.Status status) {
    List<Change> changes = index.apply(status);
    applied(
        changes,
        status.blocks()
            ? Eviction.begin(
                Eviction.unwelcome(status.certificates()),
                () -> evictor.evict(status.certificates()))
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
        instructions.trust(trusted.trust());
      } else if (line instanceof FeedLine.Ordered ordered) {
        instructions.policy(ordered.order());
      }
    } catch (RuntimeException e) {
      LOG.error("event {} could not be followed", line.event(), e);
    }
  }
}
