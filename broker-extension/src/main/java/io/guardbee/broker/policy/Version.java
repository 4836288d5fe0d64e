package io.guardbee.broker.policy;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;

/**
 * A policy and which one it is.
 *
 * @param number that the service gave it, from 1; 0 for the file beside the broker
 */
public record Version(long number, Policy policy) {

  public Version {
    if (number < 0) {
      throw new IllegalArgumentException("version " + number);
    }
  }

  /**
   * Reads what the service sent, and runs its tests.
   *
   * @throws RefusedException {@link Reason#POLICY_INVALID}
   */
  static Version read(long number, String text) {
    if (number < 1) {
      throw new RefusedException(
          Reason.POLICY_INVALID, "policy version " + number, "versions count from 1");
    }
    return new Version(number, Policy.parse(text, "policy version " + number));
  }

  boolean is(long otherNumber, String text) {
    return number == otherNumber && policy.text().equals(text);
  }
}
