package io.guardbee.broker.policy;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a policy says to one request, and why. Immutable; an entry's yes and no are made once, so
 * that asking makes no object.
 *
 * @param entry that decided; for a refusal by {@code QOS}, {@code RETAIN} or {@code SHARED} one
 *     that would have done otherwise; null when no entry is about it
 */
public record Decision(Why why, @Nullable Permission entry) {

  /** What made the decision. */
  public enum Why {
    /** An allow entry covers it. */
    ALLOWED,
    /** A deny entry is about it. */
    DENIED,
    /** No entry is about it. */
    UNCOVERED,
    /** Allowed with another quality of service. */
    QOS,
    /** Allowed, but retained or not. */
    RETAIN,
    /** Allowed, but shared or not, or in another group. */
    SHARED,
    /** Not a topic, or not a topic filter. */
    MALFORMED
  }

  /** No entry is about it. */
  public static final Decision UNCOVERED = new Decision(Why.UNCOVERED, null);

  static final Decision MALFORMED = new Decision(Why.MALFORMED, null);

  public boolean allowed() {
    return why == Why.ALLOWED;
  }

  /** The stable code of why, such as {@code denied}. */
  public String code() {
    return why.name().toLowerCase(Locale.ROOT);
  }

  /** Why, in words that may be shown to the client: {@code nothing allows it}. */
  public String words() {
    return switch (why) {
      case ALLOWED -> "by " + entry;
      case DENIED -> "by " + entry;
      case UNCOVERED -> "nothing allows it";
      case QOS -> "not with this qos: " + entry;
      case RETAIN -> "not with this retain flag: " + entry;
      case SHARED -> "not with this sharing: " + entry;
      case MALFORMED -> "not a topic or topic filter";
    };
  }
}
