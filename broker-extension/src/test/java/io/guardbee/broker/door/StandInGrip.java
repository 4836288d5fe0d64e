package io.guardbee.broker.door;

import io.guardbee.broker.policy.Rights;
import org.jspecify.annotations.Nullable;

/** Remembers what it was told. */
final class StandInGrip implements Grip {

  private volatile @Nullable Rights rights;
  private volatile boolean disarmed;

  @Override
  public void permit(Rights given) {
    rights = given;
  }

  @Override
  public void disarm() {
    disarmed = true;
  }

  @Nullable Rights rights() {
    return disarmed ? null : rights;
  }

  @Override
  public void watchDeliveries() {}

  @Override
  public void watchPublishes(boolean wanted) {}

  @Override
  public void listen() {}
}
