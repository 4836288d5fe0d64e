package io.guardbee.broker.policy;

import io.guardbee.broker.policy.Permission.Effect;
import java.util.ArrayList;
import java.util.List;

/**
 * How the rights of one identity differ, in words such as {@code publish devices/d-1/#}. What only
 * changed its rule's name, or stands in another entry, does not differ.
 */
public record RightsChange(List<String> lost, List<String> gained) {

  public RightsChange {
    lost = List.copyOf(lost);
    gained = List.copyOf(gained);
  }

  public boolean isEmpty() {
    return lost.isEmpty() && gained.isEmpty();
  }

  /** What the one has and the other has not. */
  static List<String> lost(Rights one, Rights other) {
    List<String> lost = new ArrayList<>();
    if (!other.clientIds().contain(one.clientIds())) {
      lost.add("client id " + one.clientIds());
    }
    for (Permission has : one.permissions()) {
      if (has.effect() == Effect.ALLOW && !isWithin(has, other, Effect.ALLOW)) {
        lost.add(has.words());
      }
    }
    for (Permission takes : other.permissions()) {
      if (takes.effect() == Effect.DENY
          && !isWithin(takes, one, Effect.DENY)
          && bites(takes, one)) {
        lost.add(takes.words() + " (denied)");
      }
    }
    lost.addAll(other.limits().stricterThan(one.limits()));
    return lost;
  }

  private static boolean isWithin(Permission wanted, Rights rights, Effect effect) {
    return rights.permissions().stream()
        .anyMatch(has -> has.effect() == effect && has.contains(wanted));
  }

  /** A denial of what is not allowed anyway takes nothing. */
  private static boolean bites(Permission denial, Rights rights) {
    return rights.permissions().stream()
        .anyMatch(has -> has.effect() == Effect.ALLOW && has.touches(denial));
  }
}
