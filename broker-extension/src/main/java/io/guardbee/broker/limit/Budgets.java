package io.guardbee.broker.limit;

import io.guardbee.broker.policy.Limits;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The budgets of the identities whose rules have rates; others cost nothing. Thread-safe.
 *
 * <p>A budget outlives its connections until it is full again: connecting anew does not refill it.
 */
public final class Budgets {

  private final Map<String, Budget> byOwner = new ConcurrentHashMap<>();

  /** Whether any rate of these is limited. */
  public static boolean areIn(Limits limits) {
    return limits.connects().isLimited() || metersPublishes(limits);
  }

  /** Whether each PUBLISH must be looked at. */
  public static boolean metersPublishes(Limits limits) {
    return limits.messages().isLimited() || limits.bytes().isLimited();
  }

  /** The budget of an identity; a change of its rates begins a new one. */
  public Budget of(String owner, Limits limits, long now) {
    return byOwner.compute(
        owner,
        (key, budget) -> budget != null && budget.isFor(limits) ? budget : new Budget(limits, now));
  }

  /** Forgets those that are full, which a new one would be too; to be called now and then. */
  public void tidy(long now) {
    byOwner.values().removeIf(budget -> budget.isFull(now));
  }

  int size() {
    return byOwner.size();
  }
}
