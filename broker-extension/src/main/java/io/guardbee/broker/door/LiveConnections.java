package io.guardbee.broker.door;

import io.guardbee.broker.status.CertificateKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * All connections that are in, or on their way in. A connection is registered before its status is
 * asked, and an event is in the index before it asks here: so one of the two finds the other.
 * Thread-safe.
 */
final class LiveConnections {

  private final AtomicLong numbers = new AtomicLong();
  private final Map<Long, LiveConnection> byNumber = new ConcurrentHashMap<>();
  private final Map<CertificateKey, Set<LiveConnection>> byCertificate = new ConcurrentHashMap<>();

  /**
   * Registers a connection; to be done before its status is asked.
   *
   * @param disarm takes the connection's rights away
   */
  LiveConnection register(String clientId, Visitor visitor, Runnable disarm) {
    LiveConnection connection =
        new LiveConnection(numbers.incrementAndGet(), clientId, visitor, disarm);
    byCertificate.compute(
        visitor.key(),
        (key, present) -> {
          Set<LiveConnection> set = present == null ? ConcurrentHashMap.newKeySet() : present;
          set.add(connection);
          return set;
        });
    byNumber.put(connection.number(), connection);
    return connection;
  }

  /** A connection has ended. */
  void unregister(long number) {
    LiveConnection connection = byNumber.remove(number);
    if (connection == null) {
      return;
    }
    byCertificate.computeIfPresent(
        connection.visitor().key(),
        (key, set) -> {
          set.remove(connection);
          return set.isEmpty() ? null : set;
        });
    connection.gone().complete(null);
  }

  /** The connections that came with any of these certificates. */
  List<LiveConnection> with(Collection<CertificateKey> certificates) {
    List<LiveConnection> found = new ArrayList<>();
    certificates.forEach(key -> found.addAll(byCertificate.getOrDefault(key, Set.of())));
    return found;
  }

  /** All connections, at about this moment. */
  Collection<LiveConnection> all() {
    return byNumber.values();
  }

  int size() {
    return byNumber.size();
  }
}
