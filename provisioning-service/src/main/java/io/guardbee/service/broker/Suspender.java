package io.guardbee.service.broker;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.audit.Actor;

/** Blocks a device until an operator has looked at it. */
@FunctionalInterface
public interface Suspender {

  /**
   * Suspends it, without waiting for brokers; again changes nothing.
   *
   * @param why one line, for the record
   * @param by the broker that wants it
   * @throws RefusedException when it is not known, or for good out anyway
   */
  void suspend(DeviceId device, String why, Actor by);
}
