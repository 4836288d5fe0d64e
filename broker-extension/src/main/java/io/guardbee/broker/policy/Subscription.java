package io.guardbee.broker.policy;

import org.jspecify.annotations.Nullable;

/**
 * What a client writes to subscribe, taken apart (MQTT 5 §4.8.2).
 *
 * @param group of a shared subscription, empty for one that is not shared
 * @param filter that messages are chosen by
 */
record Subscription(String group, String filter) {

  private static final String SHARE = "$share/";

  static boolean isShared(String text) {
    return text.startsWith(SHARE);
  }

  /** Null when it is neither a topic filter nor {@code $share/group/filter}. */
  static @Nullable Subscription parse(String text) {
    if (!isShared(text)) {
      return TopicFilter.isValid(text) ? new Subscription("", text) : null;
    }
    int end = text.indexOf('/', SHARE.length());
    if (end <= SHARE.length()) {
      return null;
    }
    String group = text.substring(SHARE.length(), end);
    String filter = text.substring(end + 1);
    return TopicFilter.isTopic(group) && TopicFilter.isValid(filter)
        ? new Subscription(group, filter)
        : null;
  }
}
