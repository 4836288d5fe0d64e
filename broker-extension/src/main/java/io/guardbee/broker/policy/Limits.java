package io.guardbee.broker.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * How much one identity may do, whatever it may do. Immutable.
 *
 * @param maxConnections at the same time, at least 1; a client id that is in use is taken over and
 *     does not count twice
 * @param connects accepted CONNECTs
 * @param messages incoming PUBLISH packets
 * @param bytes of their payloads
 * @param sessions what is stored for it
 * @param clones what follows when the same certificate seems to be in two places
 * @param lastWill whether the Will of a revoked device is published all the same
 * @param keepRetained whether the retained messages of a revoked device stay
 */
public record Limits(
    int maxConnections,
    Rate connects,
    Rate messages,
    Rate bytes,
    SessionLimits sessions,
    OnClone clones,
    boolean lastWill,
    boolean keepRetained) {

  /**
   * In force where a rule says nothing: a device of a usual fleet never gets there, and one that is
   * in wrong hands cannot take the broker from the others.
   */
  public static final Limits DEFAULT =
      new Limits(
          1,
          Rate.perMinute(100),
          Rate.perSecond(1_000),
          Rate.perSecond(10_000_000),
          SessionLimits.DEFAULT,
          OnClone.ALERT,
          false,
          false);

  /**
   * So much in that time; as much may come at once.
   *
   * @param amount in the time, 0 for no limit
   * @param nanos the time, positive
   */
  public record Rate(long amount, long nanos) {

    public static final Rate UNLIMITED = new Rate(0, 1);

    static Rate perSecond(long amount) {
      return new Rate(amount, TimeUnit.SECONDS.toNanos(1));
    }

    static Rate perMinute(long amount) {
      return new Rate(amount, TimeUnit.MINUTES.toNanos(1));
    }

    public Rate {
      if (amount < 0 || nanos < 1) {
        throw new IllegalArgumentException(amount + " in " + nanos + " ns");
      }
    }

    public boolean isLimited() {
      return amount > 0;
    }

    /** Whether somebody kept to this may not do all that the other lets do. */
    boolean isStricterThan(Rate other) {
      return isLimited()
          && (!other.isLimited()
              || amount < other.amount
              || (double) amount / nanos < (double) other.amount / other.nanos);
    }

    /** As a policy writes it: {@code 100/s}. */
    @Override
    public String toString() {
      if (!isLimited()) {
        return "none";
      }
      if (nanos == TimeUnit.SECONDS.toNanos(1)) {
        return amount + "/s";
      }
      if (nanos == TimeUnit.MINUTES.toNanos(1)) {
        return amount + "/min";
      }
      return nanos == TimeUnit.HOURS.toNanos(1) ? amount + "/h" : amount + "/" + nanos + " ns";
    }
  }

  /** What follows when a certificate seems to be in two places. */
  public enum OnClone {
    ALERT,
    REFUSE_NEW,
    SUSPEND;

    /** As a policy writes it: {@code refuse-new}. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  public Limits {
    if (maxConnections < 1) {
      throw new IllegalArgumentException("maxConnections " + maxConnections);
    }
  }

  /** In words, one for each limit that lets less through than the other's. */
  List<String> stricterThan(Limits other) {
    List<String> words = new ArrayList<>();
    if (maxConnections < other.maxConnections) {
      words.add("connections beyond " + maxConnections);
    }
    addIfStricter(words, "connects", connects, other.connects);
    addIfStricter(words, "messages", messages, other.messages);
    addIfStricter(words, "bytes", bytes, other.bytes);
    sessions.addStricterThan(other.sessions, words);
    if (!lastWill && other.lastWill) {
      words.add("its Will when revoked");
    }
    if (!keepRetained && other.keepRetained) {
      words.add("its retained messages when revoked");
    }
    return words;
  }

  private static void addIfStricter(List<String> words, String what, Rate rate, Rate other) {
    if (rate.isStricterThan(other)) {
      words.add(what + " beyond " + rate);
    }
  }

  /** As people read it: {@code 1 connection, messages 100/s, … clones alert}. */
  public String words() {
    StringBuilder words = new StringBuilder();
    words.append(maxConnections).append(maxConnections == 1 ? " connection" : " connections");
    append(words, connects, "connects");
    append(words, messages, "messages");
    append(words, bytes, "bytes");
    words.append(", ").append(sessions.words()).append(", clones ").append(clones);
    words.append(lastWill ? ", Will even when revoked" : "");
    return words.append(keepRetained ? ", retained messages kept when revoked" : "").toString();
  }

  private static void append(StringBuilder words, Rate rate, String what) {
    if (rate.isLimited()) {
      words.append(", ").append(what).append(' ').append(rate);
    }
  }
}
