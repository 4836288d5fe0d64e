package io.guardbee.broker.status;

import io.guardbee.broker.status.Evictor.Begun;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What was begun to end live connections and sessions, and can be begun again.
 *
 * @param devices whose sessions are deleted; {@link PendingDeletions#ALL} for those of a whole
 *     status
 * @param again begins it again
 * @param first what was begun first
 * @param since when that was, by {@link System#nanoTime}
 */
record Eviction(Set<String> devices, Supplier<Begun> again, Begun first, long since) {

  private static final Eviction NOTHING =
      begin(Set.of(), () -> new Begun(CompletableFuture.completedFuture(0)));

  Eviction {
    devices = Set.copyOf(devices);
  }

  /** There is nothing to end. */
  static Eviction nothing() {
    return NOTHING;
  }

  /** Begins at once. */
  static Eviction begin(Set<String> devices, Supplier<Begun> work) {
    Supplier<Begun> safe =
        () -> {
          try {
            return work.get();
          } catch (RuntimeException e) {
            return new Begun(CompletableFuture.failedFuture(e));
          }
        };
    return new Eviction(devices, safe, safe.get(), System.nanoTime());
  }

  /** The devices that must not come back, not only come with another certificate. */
  static Set<String> unwelcome(Collection<BlockedCertificate> blocked) {
    return blocked.stream()
        .filter(certificate -> !certificate.isSuperseded())
        .map(BlockedCertificate::deviceId)
        .collect(Collectors.toSet());
  }
}
