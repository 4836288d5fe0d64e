package io.guardbee.broker.policy;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * One entry of what an identity may or must not do. Immutable.
 *
 * @param filter MQTT topic filter; {@code $share/group/filter} where one group alone is meant
 * @param qos the qualities of service meant, each 0, 1 or 2; of a subscription what it asks for
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

  private static final int EVERY_QOS = 3;

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

  /** The same with another filter. */
  Permission on(String other) {
    return new Permission(effect, activity, other, qos, retained, shared);
  }

  /** The filter that messages are chosen by, without {@code $share/group/}. */
  public String topicFilter() {
    Subscription subscription = Subscription.isShared(filter) ? Subscription.parse(filter) : null;
    return subscription == null ? filter : subscription.filter();
  }

  /** The one group of shared subscriptions that is meant; empty when any is. */
  public String group() {
    Subscription subscription = Subscription.isShared(filter) ? Subscription.parse(filter) : null;
    return subscription == null ? "" : subscription.group();
  }

  /** Whether that publish topic or subscription filter is within what is meant. */
  public boolean covers(Activity wanted, String topic) {
    if (activity != wanted) {
      return false;
    }
    if (activity == Activity.PUBLISH) {
      return TopicFilter.isTopic(topic) && TopicFilter.covers(filter, topic);
    }
    Subscription asked = Subscription.parse(topic);
    return asked != null
        && meansGroup(asked.group())
        && TopicFilter.covers(topicFilter(), asked.filter());
  }

  private boolean meansGroup(String asked) {
    return switch (shared) {
      case NEVER -> asked.isEmpty();
      case ONLY -> !asked.isEmpty() && (group().isEmpty() || group().equals(asked));
      case ANY -> true;
    };
  }

  /** Whether all that the other one means is meant here too; effects play no part. */
  boolean contains(Permission other) {
    return activity == other.activity
        && qos.containsAll(other.qos)
        && (retained == Retained.ANY || retained == other.retained)
        && (shared == Shared.ANY || shared == other.shared)
        && (group().isEmpty() || group().equals(other.group()))
        && TopicFilter.covers(topicFilter(), other.topicFilter());
  }

  /** Whether anything is meant by both; effects play no part. */
  boolean touches(Permission other) {
    return activity == other.activity
        && qos.stream().anyMatch(other.qos::contains)
        && (retained == Retained.ANY
            || other.retained == Retained.ANY
            || retained == other.retained)
        && (shared == Shared.ANY || other.shared == Shared.ANY || shared == other.shared)
        && (group().isEmpty() || other.group().isEmpty() || group().equals(other.group()))
        && TopicFilter.overlaps(topicFilter(), other.topicFilter());
  }

  /** Such as {@code publish devices/d-1/# qos 0,1}: as a person says it, without the effect. */
  public String words() {
    StringBuilder words = new StringBuilder(activity.name().toLowerCase(Locale.ROOT));
    words.append(' ').append(filter);
    if (qos.size() < EVERY_QOS) {
      words.append(" qos ").append(String.join(",", sortedQos()));
    }
    if (activity == Activity.PUBLISH) {
      words.append(retainedWords());
    }
    if (activity == Activity.SUBSCRIBE && shared != Shared.ANY && group().isEmpty()) {
      words.append(shared == Shared.ONLY ? " shared only" : " not shared");
    }
    return words.toString();
  }

  /** Nothing for what an entry means where it does not say: a denial both, else not retained. */
  private String retainedWords() {
    return switch (retained) {
      case ONLY -> " retained only";
      case ANY -> effect == Effect.ALLOW ? " retained or not" : "";
      case NEVER -> effect == Effect.DENY ? " not retained" : "";
    };
  }

  private Set<String> sortedQos() {
    Set<String> sorted = new TreeSet<>();
    qos.forEach(one -> sorted.add(one.toString()));
    return sorted;
  }

  /** Such as {@code allow publish devices/d-1/#}. */
  @Override
  public String toString() {
    return effect.name().toLowerCase(Locale.ROOT) + " " + words();
  }
}
