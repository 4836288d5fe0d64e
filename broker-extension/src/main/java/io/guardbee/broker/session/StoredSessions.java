package io.guardbee.broker.session;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The client ids, by device, whose sessions outlive their connections. The broker does not tell
 * when a session has expired: it is asked when a device seems to have too many. Thread-safe,
 * without waiting.
 */
public final class StoredSessions {

  private final Map<String, Set<String>> byDevice = new ConcurrentHashMap<>();
  private final CompletableFuture<Void> known = new CompletableFuture<>();

  /** Completes when what was there at the start is counted. */
  public CompletableFuture<Void> known() {
    return known.copy();
  }

  /** Counts those that were found in the broker. */
  public void learn(Collection<String> clientIds, Function<String, String> deviceOf) {
    clientIds.forEach(
        id ->
            byDevice
                .computeIfAbsent(deviceOf.apply(id), name -> ConcurrentHashMap.newKeySet())
                .add(id));
    known.complete(null);
  }

  /** Counts one; false when the device has as many others as it may. */
  public boolean add(String device, String clientId, int most) {
    boolean[] counted = {true};
    byDevice.compute(
        device,
        (name, present) -> {
          Set<String> ids = present == null ? ConcurrentHashMap.newKeySet() : present;
          counted[0] = ids.contains(clientId) || (ids.size() < most && ids.add(clientId));
          return ids.isEmpty() ? null : ids;
        });
    return counted[0];
  }

  /** Those of one device. */
  public Set<String> of(String device) {
    return Set.copyOf(byDevice.getOrDefault(device, Set.of()));
  }

  /** One is gone. */
  public void remove(String device, String clientId) {
    byDevice.computeIfPresent(
        device,
        (name, ids) -> {
          ids.remove(clientId);
          return ids.isEmpty() ? null : ids;
        });
  }
}
