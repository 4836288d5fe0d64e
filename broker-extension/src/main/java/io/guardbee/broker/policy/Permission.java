package io.guardbee.broker.policy;

import java.util.Set;

/**
 * Leave to publish or to subscribe.
 *
 * @param filter MQTT topic filter of what is allowed
 * @param qos the qualities of service allowed, each 0, 1 or 2
 * @param retain whether a publish may be retained; without meaning for a subscription
 */
public record Permission(Activity activity, String filter, Set<Integer> qos, boolean retain) {

  /** What a permission is for. */
  public enum Activity {
    PUBLISH,
    SUBSCRIBE
  }

  public Permission {
    qos = Set.copyOf(qos);
  }

  /** Whether that publish topic or subscription filter is within what is allowed. */
  public boolean covers(Activity wanted, String topic) {
    return activity == wanted
        && (activity == Activity.PUBLISH
            ? TopicFilter.matches(filter, topic)
            : TopicFilter.covers(filter, topic));
  }
}
