package io.guardbee.broker.clone;

import io.guardbee.broker.policy.Limits.OnClone;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Decides when one identity is in two places at once, by one certificate or by a certificate and
 * its successor: when its connections take each other over from different places again and again,
 * or when a connection still speaks some time after the identity came in from another place. A
 * device whose address changes does neither, nor does one that renews and connects again.
 * Thread-safe.
 */
public final class CloneWatch {

  /**
   * How long after a CONNECT from another place a packet may still come late from the place before,
   * in nanoseconds.
   */
  public static final long GRACE = 3_000_000_000L;

  /** How long a suspicion holds after its last sign, in nanoseconds. */
  public static final long SUSPICION = 600_000_000_000L;

  private static final int MOST = 10_000;

  /**
   * An identity that seems to be in two places.
   *
   * @param isNew false when it was known already: nobody needs to be told again
   */
  public record Finding(List<String> addresses, boolean isNew) {
    public Finding {
      addresses = List.copyOf(addresses);
    }
  }

  private record Suspicion(OnClone action, long since) {}

  private final Map<String, Fight> fights = new ConcurrentHashMap<>();
  private final Map<String, Suspicion> suspicions = new ConcurrentHashMap<>();

  /**
   * A connection takes over another one of the same identity.
   *
   * @param identity issuer and name, whichever certificate it came with
   * @param now by {@link System#nanoTime}, as in all methods
   * @return what that shows, with no addresses when nothing
   */
  public Finding tookOver(String identity, Place from, Place to, OnClone action, long now) {
    if (!from.isApartFrom(to) || (fights.size() >= MOST && !fights.containsKey(identity))) {
      return new Finding(List.of(), false);
    }
    Set<String> places = new LinkedHashSet<>();
    fights.compute(
        identity,
        (same, before) -> {
          Fight fight = before == null ? new Fight() : before;
          places.addAll(fight.move(from, to, now));
          return fight;
        });
    return places.isEmpty()
        ? new Finding(List.of(), false)
        : suspect(identity, places, action, now);
  }

  /** A connection was heard after the same identity had come in from another place. */
  public Finding heardInBoth(String identity, Place one, Place other, OnClone action, long now) {
    return suspect(identity, List.of(one.address(), other.address()), action, now);
  }

  private Finding suspect(String identity, Collection<String> addresses, OnClone action, long now) {
    Suspicion before =
        suspicions.size() >= MOST && !suspicions.containsKey(identity)
            ? null
            : suspicions.put(identity, new Suspicion(action, now));
    boolean known = before != null && now - before.since() <= SUSPICION;
    return new Finding(List.copyOf(addresses), !known);
  }

  /** What a suspicion asks for; {@code ALERT}, which asks for nothing, where there is none. */
  public OnClone against(String identity, long now) {
    Suspicion suspicion = suspicions.get(identity);
    return suspicion == null || now - suspicion.since() > SUSPICION
        ? OnClone.ALERT
        : suspicion.action();
  }

  /** The service has decided on the device: what was suspected here no longer counts. */
  public void forget(String identity) {
    suspicions.remove(identity);
    fights.remove(identity);
  }

  /** Forgets what is past; to be called now and then. */
  public void tidy(long now) {
    suspicions.values().removeIf(suspicion -> now - suspicion.since() > SUSPICION);
    fights
        .keySet()
        .forEach(one -> fights.computeIfPresent(one, (same, f) -> f.isOver(now) ? null : f));
  }
}
