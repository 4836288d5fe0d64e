package io.guardbee.service.broker;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A broker as operators see it.
 *
 * @param connected whether its feed is open, here or at another replica
 * @param extension version; null, as all times and versions, of one that has not reported yet
 * @param policyVersion that decides there, 0 for its own file
 * @param policyObserved 0 for none
 * @param feedEvent the last that it has applied
 * @param lag events that it has not applied yet
 * @param connections live ones
 * @param contact when it last heard of a service
 * @param feedRefused why it does not follow all of the feed; empty when it does
 */
public record NodeStatus(
    String node,
    boolean connected,
    @Nullable String extension,
    @Nullable String hivemq,
    long policyVersion,
    long policyObserved,
    long feedEvent,
    long lag,
    long connections,
    @Nullable Instant startedAt,
    @Nullable Instant contact,
    @Nullable Instant reportedAt,
    String feedRefused) {

  static NodeStatus silent(String node) {
    return new NodeStatus(node, false, null, null, 0, 0, 0, 0, 0, null, null, null, "");
  }

  /** The same with what the feed knows of it. */
  NodeStatus following(boolean open, long applied, long last) {
    long event = Math.max(feedEvent, applied);
    return new NodeStatus(
        node,
        open,
        extension,
        hivemq,
        policyVersion,
        policyObserved,
        event,
        Math.max(0, last - event),
        connections,
        startedAt,
        contact,
        reportedAt,
        feedRefused);
  }
}
