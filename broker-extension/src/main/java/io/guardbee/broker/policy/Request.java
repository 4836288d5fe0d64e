package io.guardbee.broker.policy;

import io.guardbee.broker.policy.Permission.Activity;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.Locale;

/** What somebody wants to do, as written in tests and commands: {@code publish devices/d-1/x}. */
public record Request(Activity activity, String topic) {

  /**
   * Reads {@code publish TOPIC} or {@code subscribe FILTER}.
   *
   * @throws RefusedException {@link Reason#POLICY_INVALID}
   */
  public static Request parse(String text) {
    int space = text.indexOf(' ');
    String word = space < 0 ? text : text.substring(0, space);
    String topic = space < 0 ? "" : text.substring(space + 1).strip();
    boolean publish = word.equals("publish") && TopicFilter.isTopic(topic);
    boolean subscribe = word.equals("subscribe") && TopicFilter.isValid(topic);
    if (!publish && !subscribe) {
      throw new RefusedException(
          Reason.POLICY_INVALID,
          Quoted.of(text) + " is not a request",
          "write publish and a topic, or subscribe and a topic filter");
    }
    return new Request(publish ? Activity.PUBLISH : Activity.SUBSCRIBE, topic);
  }

  @Override
  public String toString() {
    return activity.name().toLowerCase(Locale.ROOT) + " " + topic;
  }
}
