package io.guardbee.service.broker;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.RefusedException;

/** Blocks a device until an operator has looked at it. */
@FunctionalInterface
public interface Suspender {

  /**
   * Suspends it, without waiting for brokers; again changes nothing.
   *
   * @param why one line, for the record
   * @throws RefusedException when it is not known, or for good out anyway
   */
  void suspend(DeviceId device, String why);
}
