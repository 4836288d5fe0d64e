package io.guardbee.broker.door;

import io.guardbee.broker.policy.Permission;
import io.guardbee.broker.policy.Permission.Activity;
import io.guardbee.broker.policy.Permission.Effect;
import io.guardbee.broker.policy.Permission.Shared;
import io.guardbee.broker.policy.Rights;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What may be delivered by some rights: whatever some subscription that they allow would bring. A
 * message does not tell by which one it comes; so a denial counts when it denies them all.
 */
record Deliveries(@Nullable Rights rights, List<Permission> allowed, List<Permission> denied) {

  private static final Set<Integer> ANY_QOS = Set.of(0, 1, 2);

  static final Deliveries NONE = new Deliveries(null, List.of(), List.of());

  static Deliveries by(Rights rights) {
    List<Permission> allowed = new ArrayList<>();
    List<Permission> denied = new ArrayList<>();
    for (Permission permission : rights.permissions()) {
      if (permission.activity() == Activity.PUBLISH) {
        continue;
      }
      if (permission.effect() == Effect.ALLOW) {
        allowed.add(anyhow(permission));
      } else if (permission.qos().equals(ANY_QOS) && permission.shared() == Shared.ANY) {
        denied.add(anyhow(permission));
      }
    }
    return new Deliveries(rights, allowed, denied);
  }

  private static Permission anyhow(Permission permission) {
    return new Permission(
        permission.effect(),
        Activity.SUBSCRIBE,
        permission.topicFilter(),
        ANY_QOS,
        permission.retained(),
        Shared.ANY);
  }

  /** The same object: comparing all that is in it at each message would be dear. */
  @SuppressWarnings("ReferenceEquality")
  boolean areBy(Rights some) {
    return rights == some;
  }

  boolean include(String topic) {
    return covers(allowed, topic) && !covers(denied, topic);
  }

  private static boolean covers(List<Permission> permissions, String topic) {
    for (Permission permission : permissions) {
      if (permission.covers(Activity.SUBSCRIBE, topic)) {
        return true;
      }
    }
    return false;
  }
}
