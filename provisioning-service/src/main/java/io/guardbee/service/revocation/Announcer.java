package io.guardbee.service.revocation;

import io.guardbee.service.feed.BrokerNodes;
import io.guardbee.service.feed.StatusFeed;
import java.time.Duration;

/**
 * Tells the brokers of a change that is committed, then has it published. Thread-safe.
 *
 * @param lists made anew after the brokers have acknowledged
 * @param patience how long it waits for both: for the brokers that are connected, then for the
 *     lists
 */
public record Announcer(
    StatusFeed feed, BrokerNodes nodes, PublishedLists lists, Duration patience) {

  /** Without waiting. */
  void tell(Change change) {
    feed.published(change.event());
  }

  /**
   * Waits for their acknowledgements, then for the lists. Brokers come first because they end open
   * connections; readers of a list may still have a cached copy of the previous one.
   *
   * @param start of the whole action, by {@link System#nanoTime}
   * @param deviceId empty where it is not known
   */
  Receipt receipt(long start, String deviceId, Change change) throws InterruptedException {
    tell(change);
    BrokerNodes.Outcome outcome = nodes.await(change.event(), patience);
    long acknowledged = since(start).toMillis();
    boolean listed = lists.await(change.event(), patience.minus(since(start)));
    return new Receipt(
        deviceId.isEmpty() ? null : deviceId,
        change.serials(),
        outcome.nodes(),
        outcome.totals(),
        acknowledged,
        listed,
        since(start).toMillis(),
        null);
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }
}
