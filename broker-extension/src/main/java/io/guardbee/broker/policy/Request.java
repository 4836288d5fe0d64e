package io.guardbee.broker.policy;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.Set;

/**
 * What somebody wants to do, as written in tests and commands: {@code publish devices/d-1/x qos 1
 * retain}, {@code subscribe a/# shared}, {@code connect d-1}. What is left open (the quality of
 * service, the retain flag) may be anything: such a request is allowed when it is in some way.
 *
 * @param text as it was written
 * @param topic topic, topic filter or client id
 * @param qos those that are tried
 * @param retained those that are tried
 */
public record Request(
    Kind kind, String text, String topic, Set<Integer> qos, Set<Boolean> retained) {

  /** What is wanted. */
  public enum Kind {
    CONNECT,
    PUBLISH,
    SUBSCRIBE
  }

  private static final String ANY_GROUP = "$share/any/";

  public Request {
    qos = Set.copyOf(qos);
    retained = Set.copyOf(retained);
  }

  /** Whether a text begins as one, so that a command can tell it from a file. */
  public static boolean isLike(String text) {
    return RequestText.kindOf(text) != null;
  }

  /**
   * Reads {@code publish TOPIC}, {@code subscribe FILTER} or {@code connect CLIENTID} with what may
   * follow: {@code qos N}, {@code retain}, {@code shared}.
   *
   * @throws RefusedException {@link Reason#POLICY_INVALID}
   */
  public static Request parse(String text) {
    return RequestText.parse(text);
  }

  static RefusedException refused(String text) {
    return new RefusedException(
        Reason.POLICY_INVALID,
        Quoted.of(text) + " is not a request",
        "write publish TOPIC [qos N] [retain], subscribe FILTER [qos N] [shared] or connect"
            + " CLIENTID");
  }

  static Request subscribe(String text, String filter, Set<Integer> qos, boolean shared) {
    boolean told = Subscription.isShared(filter);
    String whole = shared && !told ? ANY_GROUP + filter : filter;
    if (Subscription.parse(whole) == null) {
      throw refused(text);
    }
    return new Request(Kind.SUBSCRIBE, text, whole, qos, Set.of(false));
  }

  static Request publish(String text, String topic, Set<Integer> qos, boolean retain) {
    if (!TopicFilter.isTopic(topic)) {
      throw refused(text);
    }
    return new Request(Kind.PUBLISH, text, topic, qos, retain ? Set.of(true) : Set.of(false, true));
  }

  /**
   * Decides. The answer for the way that is allowed, if there is one; else a denial before what was
   * merely not allowed.
   *
   * @throws RefusedException {@link Reason#CLIENT_ID_MISMATCH} on a connect with another's client
   *     id
   */
  public Decision decide(Rights rights) {
    if (kind == Kind.CONNECT) {
      rights.use(topic);
      return new Decision(Decision.Why.ALLOWED, null);
    }
    Decision best = Decision.UNCOVERED;
    for (int each = 0; each <= 2; each++) {
      for (boolean retain : new boolean[] {false, true}) {
        if (qos.contains(each) && retained.contains(retain)) {
          best = better(best, decide(rights, each, retain));
        }
      }
    }
    return best;
  }

  private Decision decide(Rights rights, int each, boolean retain) {
    return kind == Kind.PUBLISH
        ? rights.decidePublish(topic, each, retain)
        : rights.decideSubscribe(topic, each);
  }

  /** Why is listed by how much it tells: allowed, denied, and the rest. */
  private static Decision better(Decision one, Decision other) {
    return rank(other) > rank(one) ? other : one;
  }

  private static int rank(Decision decision) {
    return switch (decision.why()) {
      case ALLOWED -> 3;
      case DENIED -> 2;
      case QOS, RETAIN, SHARED -> 1;
      case UNCOVERED, MALFORMED -> 0;
    };
  }

  @Override
  public String toString() {
    return text;
  }
}
