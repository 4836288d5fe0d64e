package io.guardbee.broker.policy;

/**
 * How much one identity may do, whatever it may do.
 *
 * @param maxConnections at the same time, at least 1; a client id that is in use is taken over and
 *     does not count twice
 * @param connects accepted CONNECTs
 * @param messages incoming PUBLISH packets
 * @param bytes of their payloads
 * @param clones what follows when the same certificate seems to be in two places
 * @param lastWill whether the Will of a revoked device is published all the same
 */
public record Limits(
    int maxConnections,
    Rate connects,
    Rate messages,
    Rate bytes,
    OnClone clones,
    boolean lastWill) {

  /** One connection, no other limits, clones alert. */
  public static final Limits DEFAULT =
      new Limits(1, Rate.UNLIMITED, Rate.UNLIMITED, Rate.UNLIMITED, OnClone.ALERT, false);

  /**
   * So much in that time; as much may come at once.
   *
   * @param amount in the time, 0 for no limit
   * @param nanos the time, positive
   */
  public record Rate(long amount, long nanos) {

    public static final Rate UNLIMITED = new Rate(0, 1);

    public boolean isLimited() {
      return amount > 0;
    }
  }

  /** What follows when a certificate seems to be in two places. */
  public enum OnClone {
    ALERT,
    REFUSE_NEW,
    SUSPEND
  }

  public Limits {
    if (maxConnections < 1) {
      throw new IllegalArgumentException("maxConnections " + maxConnections);
    }
  }
}
