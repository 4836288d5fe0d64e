package io.guardbee.broker.door;

import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission;
import com.hivemq.extension.sdk.api.packets.auth.DefaultAuthorizationBehaviour;
import com.hivemq.extension.sdk.api.packets.auth.ModifiableDefaultPermissions;
import io.guardbee.broker.policy.Rights;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One connection in HiveMQ, which asks its default permissions at each PUBLISH and SUBSCRIBE, and
 * its interceptors where there are any: a change of either is in force at once. HiveMQ tells the
 * client's context only after the CONNECT was accepted; what is wanted before that is done then.
 */
final class HiveMqGrip implements Grip {

  private final ModifiableDefaultPermissions permissions;
  private List<TopicPermission> given = List.of(); // by whoever gives rights
  private volatile boolean disarmed;
  private volatile boolean deliveries;
  private volatile boolean publishes;
  private volatile @Nullable PacketWatch watch;

  HiveMqGrip(ModifiableDefaultPermissions permissions) {
    this.permissions = permissions;
    // permissions begin as "allow": an identity with none would be free to do all
    deny();
    permissions.add(Permissions.noRefusedFilter());
  }

  /** Besides, what was changed before is seen by every thread after this volatile write. */
  private void deny() {
    permissions.setDefaultBehaviour(DefaultAuthorizationBehaviour.DENY);
  }

  @Override
  public void permit(Rights rights) {
    List<TopicPermission> next = Permissions.of(rights);
    permissions.addAll(next);
    // the first that matches decides: with the old ones in front and taken away from their end,
    // each moment's answer is either the old one or the new one
    for (int i = given.size() - 1; i >= 0; i--) {
      permissions.remove(given.get(i));
    }
    given = next;
    deny();
    if (disarmed) {
      permissions.clear(); // taken away while they were given
    }
  }

  @Override
  public void disarm() {
    disarmed = true;
    permissions.clear();
    deny();
  }

  /** HiveMQ has let the connection in. */
  void enter(PacketWatch known) {
    known.subscribes();
    watch = known; // before the wishes are read: whoever wishes later finds it
    if (deliveries) {
      known.deliveries();
    }
    if (publishes) {
      known.publishes(true);
    }
  }

  @Override
  public void watchDeliveries() {
    deliveries = true;
    PacketWatch known = watch;
    if (known != null) {
      known.deliveries();
    }
  }

  @Override
  public void watchPublishes(boolean wanted) {
    publishes = wanted;
    PacketWatch known = watch;
    if (known != null) {
      known.publishes(wanted);
    }
  }

  /** Before HiveMQ has let it in, nothing that matters is heard of it. */
  @Override
  public void listen() {
    PacketWatch known = watch;
    if (known != null) {
      known.listen();
    }
  }
}
