package io.guardbee.broker.limit;

import io.guardbee.broker.policy.Limits;

/** What one identity has left, over all its connections. Thread-safe, without locks. */
public final class Budget {

  private final Limits limits;
  private final TokenBucket connects;
  private final TokenBucket messages;
  private final TokenBucket bytes;

  Budget(Limits limits, long now) {
    this.limits = limits;
    this.connects = new TokenBucket(limits.connects(), now);
    this.messages = new TokenBucket(limits.messages(), now);
    this.bytes = new TokenBucket(limits.bytes(), now);
  }

  /** Takes one CONNECT; false when there is none left. */
  public boolean connect(long now) {
    return connects.take(1, now);
  }

  /**
   * Takes one PUBLISH.
   *
   * @param payload its length in bytes
   * @return empty, or which limit it goes beyond, such as {@code messages}
   */
  public String publish(int payload, long now) {
    if (!messages.take(1, now)) {
      return "messages";
    }
    return bytes.take(payload, now) ? "" : "bytes";
  }

  boolean isFor(Limits wanted) {
    return limits.connects().equals(wanted.connects())
        && limits.messages().equals(wanted.messages())
        && limits.bytes().equals(wanted.bytes());
  }

  boolean isFull(long now) {
    return connects.isFull(now) && messages.isFull(now) && bytes.isFull(now);
  }
}
