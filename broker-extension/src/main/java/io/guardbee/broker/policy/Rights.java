package io.guardbee.broker.policy;

import io.guardbee.broker.policy.Permission.Activity;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.List;

/**
 * What one identity may do: the outcome of a policy. Whatever is not permitted here is denied.
 *
 * @param rule the name of the rule that decided
 */
public record Rights(
    String rule, ClientIds clientIds, List<Permission> permissions, Limits limits) {

  public Rights {
    permissions = List.copyOf(permissions);
  }

  /**
   * Checks the client id.
   *
   * @throws RefusedException {@link Reason#CLIENT_ID_MISMATCH}
   */
  public Rights use(String clientId) {
    if (!clientIds.include(clientId)) {
      throw new RefusedException(
          Reason.CLIENT_ID_MISMATCH,
          "client id " + Quoted.of(clientId) + " is not this identity's",
          "connect with client id " + Quoted.of(clientIds.toString()) + " (rule " + rule + ")");
    }
    return this;
  }

  /** Whether any permission covers that topic or filter. */
  public boolean allow(Activity activity, String topic) {
    return permissions.stream()
        .anyMatch(p -> p.effect() == Permission.Effect.ALLOW && p.covers(activity, topic));
  }
}
