package io.guardbee.broker.policy;

/**
 * A version that the service has in force and this node does not take, or has lost.
 *
 * @param number 0 where it is not known
 * @param reason one line
 */
public record RefusedVersion(long number, String reason) {

  /** Which it is, such as {@code policy version 7}. */
  public String name() {
    return number > 0 ? "policy version " + number : "the policy";
  }
}
