package io.guardbee.service.api;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.http.Caller;
import org.jspecify.annotations.Nullable;

/** A broker speaks for the node that its certificate names, and for no other. */
final class NodeName {

  private NodeName() {}

  /**
   * The broker's name.
   *
   * @param claimed as the request has it, if it does
   * @throws RefusedException {@link Reason#ROLE_MISSING} when that is another's
   */
  static String of(Caller.Broker broker, @Nullable String claimed) {
    String certified = broker.name();
    if (claimed != null && !claimed.equals(certified)) {
      throw new RefusedException(
          Reason.ROLE_MISSING,
          "the certificate of " + certified + " does not speak for node " + Quoted.of(claimed),
          "set node: " + certified + " in the broker's guardbee.yaml");
    }
    return certified;
  }
}
