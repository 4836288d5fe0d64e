package io.guardbee.broker.policy;

import java.util.Set;

/**
 * One entry of what an identity may or must not do.
 *
 * @param filter MQTT topic filter
 * @param qos the qualities of service meant, each 0, 1 or 2
 * @param retained which publishes are meant; without meaning for a subscription
 * @param shared which subscriptions are meant (MQTT 5 §4.8.2); without meaning for a publish
 */
public record Permission(
    Effect effect,
    Activity activity,
    String filter,
    Set<Integer> qos,
    Retained retained,
    Shared shared) {

  /** Whether it gives or takes. A denial stands above every leave. */
  public enum Effect {
    ALLOW,
    DENY
  }

  /** What a permission is for; a Will is a publish. */
  public enum Activity {
    PUBLISH,
    SUBSCRIBE
  }

  /** Which publishes are meant, by their RETAIN flag. */
  public enum Retained {
    ANY,
    ONLY,
    NEVER
  }

  /** Which subscriptions are meant: to a topic filter itself, or shared with others. */
  public enum Shared {
    ANY,
    ONLY,
    NEVER
  }

  public Permission {
    qos = Set.copyOf(qos);
  }

  /** Whether that publish topic or subscription filter is within what is meant. */
  public boolean covers(Activity wanted, String topic) {
    return activity == wanted
        && (activity == Activity.PUBLISH
            ? TopicFilter.matches(filter, topic)
            : TopicFilter.covers(filter, topic));
  }
}
