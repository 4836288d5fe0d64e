package io.guardbee.broker.policy;

import io.guardbee.broker.policy.Decision.Why;

/**
 * A permission made ready to be asked: its filter and group apart, its answers made. Only what
 * tells why something is not allowed is made when it is asked for; most never are.
 */
final class Entry {

  private final String filter;
  private final String group;
  private final int qosMask;

  final Permission permission;
  final Decision decides;

  Entry(Permission permission) {
    this.permission = permission;
    this.filter = permission.topicFilter();
    this.group = permission.group();
    int mask = 0;
    for (int qos : permission.qos()) {
      mask |= 1 << qos;
    }
    this.qosMask = mask;
    this.decides = new Decision(allows() ? Why.ALLOWED : Why.DENIED, permission);
  }

  boolean allows() {
    return permission.effect() == Permission.Effect.ALLOW;
  }

  /** The answer to a request that it would allow if it were not for that. */
  Decision but(Why why) {
    return new Decision(why, permission);
  }

  boolean covers(String topicOrFilter) {
    return TopicFilter.covers(filter, topicOrFilter);
  }

  boolean overlaps(String asked) {
    return TopicFilter.overlaps(filter, asked);
  }

  boolean meansQos(int qos) {
    return (qosMask & 1 << qos) != 0;
  }

  boolean meansRetain(boolean retain) {
    return switch (permission.retained()) {
      case ANY -> true;
      case ONLY -> retain;
      case NEVER -> !retain;
    };
  }

  /**
   * @param asked the group of a shared subscription, empty for one that is not
   */
  boolean meansSharing(String asked) {
    return switch (permission.shared()) {
      case ANY -> true;
      case ONLY -> !asked.isEmpty() && (group.isEmpty() || group.equals(asked));
      case NEVER -> asked.isEmpty();
    };
  }
}
