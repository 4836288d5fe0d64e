package io.guardbee.service.revocation;

import io.guardbee.pki.DeviceId;
import io.guardbee.service.feed.BrokerNodes;
import io.guardbee.service.feed.StatusFeed;
import java.time.Duration;

/**
 * Tells the brokers of a change that is committed. Thread-safe.
 *
 * @param patience how long it waits for those that are connected
 */
record Announcer(StatusFeed feed, BrokerNodes nodes, Duration patience) {

  /** Without waiting. */
  void tell(Change change) {
    feed.published(change.event());
  }

  /**
   * Waits for their acknowledgements.
   *
   * @param start of the whole action, by {@link System#nanoTime}
   */
  Receipt receipt(long start, DeviceId deviceId, Change change) throws InterruptedException {
    tell(change);
    BrokerNodes.Outcome outcome = nodes.await(change.event(), patience);
    return new Receipt(
        deviceId.value(),
        change.serials(),
        outcome.nodes(),
        outcome.sessionsEnded(),
        outcome.sessionsPending(),
        Duration.ofNanos(System.nanoTime() - start).toMillis());
  }
}
