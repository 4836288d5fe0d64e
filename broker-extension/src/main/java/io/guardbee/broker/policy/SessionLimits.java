package io.guardbee.broker.policy;

import java.time.Duration;
import java.util.List;

/**
 * How much the broker stores for one identity while it is away. Immutable.
 *
 * @param maxSessions client ids whose session outlives its connection, at least 1
 * @param expiry the longest session expiry interval, in whole seconds, zero for no such session
 * @param maxQueuedMessages of one session, at least 1
 * @param maxSubscriptions different topic filters of one session, at least 1
 * @param maxFilterLength octets of one topic filter in UTF-8, at least 1
 * @param maxFilterLevels levels of one topic filter, at least 1
 */
public record SessionLimits(
    int maxSessions,
    Duration expiry,
    int maxQueuedMessages,
    int maxSubscriptions,
    int maxFilterLength,
    int maxFilterLevels) {

  /** Sessions for one connection; what a gateway of 150 devices with some filters each needs. */
  public static final SessionLimits DEFAULT =
      new SessionLimits(2, Duration.ofDays(7), 1_000, 1_000, 512, 32);

  public SessionLimits {
    requirePositive("maxSessions", maxSessions);
    requirePositive("maxQueuedMessages", maxQueuedMessages);
    requirePositive("maxSubscriptions", maxSubscriptions);
    requirePositive("maxFilterLength", maxFilterLength);
    requirePositive("maxFilterLevels", maxFilterLevels);
    if (expiry.isNegative() || !isWhole(expiry)) {
      throw new IllegalArgumentException("expiry " + expiry);
    }
  }

  /** Whether it is a number of whole seconds, as MQTT has it. */
  static boolean isWhole(Duration expiry) {
    return expiry.equals(Duration.ofSeconds(expiry.toSeconds()));
  }

  private static void requirePositive(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(what + " " + value);
    }
  }

  /** The sessions of an identity that may have that many connections, where a rule says nothing. */
  static int sessionsFor(int maxConnections) {
    return 2 * maxConnections; // one that gives all its connections new client ids is not shut out
  }

  void addStricterThan(SessionLimits other, List<String> words) {
    addIfLess(words, "subscriptions", maxSubscriptions, other.maxSubscriptions);
    addIfLess(words, "octets of a topic filter", maxFilterLength, other.maxFilterLength);
    addIfLess(words, "levels of a topic filter", maxFilterLevels, other.maxFilterLevels);
    addIfLess(words, "sessions", maxSessions, other.maxSessions);
    addIfLess(words, "queued messages", maxQueuedMessages, other.maxQueuedMessages);
    if (expiry.compareTo(other.expiry) < 0) {
      words.add("sessions for longer than " + text(expiry));
    }
  }

  private static void addIfLess(List<String> words, String what, int value, int other) {
    if (value < other) {
      words.add(what + " beyond " + value);
    }
  }

  /** As a policy writes it: {@code P7D}. */
  static String text(Duration expiry) {
    boolean wholeDays = !expiry.isZero() && expiry.equals(Duration.ofDays(expiry.toDays()));
    return wholeDays ? "P" + expiry.toDays() + "D" : expiry.toString();
  }

  String words() {
    return maxSubscriptions
        + (maxSubscriptions == 1 ? " subscription of " : " subscriptions of ")
        + maxFilterLength
        + " octets and "
        + maxFilterLevels
        + (maxFilterLevels == 1 ? " level, " : " levels, ")
        + maxSessions
        + (maxSessions == 1 ? " session for " : " sessions for ")
        + text(expiry)
        + ", "
        + maxQueuedMessages
        + (maxQueuedMessages == 1 ? " queued message" : " queued messages");
  }
}
