package io.guardbee.broker.door;

import io.guardbee.broker.policy.Rights;

/**
 * What the door holds of a connection in the broker. One thread at a time gives rights; any thread
 * takes them away.
 */
interface Grip {

  /**
   * Puts rights in the place of those given before. At each moment all is allowed that both allow,
   * and nothing that neither allows.
   */
  void permit(Rights rights);

  /** Takes all rights away, for good. */
  void disarm();

  /** From now on looks at each message before it is delivered. */
  void watchDeliveries();

  /** From now on looks at each PUBLISH that comes in, or no longer does. */
  void watchPublishes(boolean wanted);

  /** From now on tells when anything is heard of the peer, until it was. */
  void listen();
}
