package io.guardbee.broker.policy;

import io.guardbee.broker.policy.Decision.Why;
import io.guardbee.broker.policy.Permission.Retained;
import io.guardbee.broker.policy.Permission.Shared;

/** A permission made ready to be asked: every answer that it can give exists already. */
final class Entry {

  private final String filter;
  private final String group;
  private final int qosMask;
  private final Retained retained;
  private final Shared shared;

  final Permission permission;
  final Decision decides;
  final Decision otherQos;
  final Decision otherRetain;
  final Decision otherSharing;

  Entry(Permission permission) {
    this.permission = permission;
    this.filter = permission.topicFilter();
    this.group = permission.group();
    this.qosMask = permission.qos().stream().mapToInt(qos -> 1 << qos).sum();
    this.retained = permission.retained();
    this.shared = permission.shared();
    boolean allows = permission.effect() == Permission.Effect.ALLOW;
    this.decides = new Decision(allows ? Why.ALLOWED : Why.DENIED, permission);
    this.otherQos = new Decision(Why.QOS, permission);
    this.otherRetain = new Decision(Why.RETAIN, permission);
    this.otherSharing = new Decision(Why.SHARED, permission);
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
    return switch (retained) {
      case ANY -> true;
      case ONLY -> retain;
      case NEVER -> !retain;
    };
  }

  /**
   * @param asked the group of a shared subscription, empty for one that is not
   */
  boolean meansSharing(String asked) {
    return switch (shared) {
      case ANY -> true;
      case ONLY -> !asked.isEmpty() && (group.isEmpty() || group.equals(asked));
      case NEVER -> asked.isEmpty();
    };
  }
}
