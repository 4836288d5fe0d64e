package io.guardbee.broker.door;

import io.guardbee.broker.status.CertificateKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * All connections that are in, or on their way in. A connection is registered before its status is
 * asked, and an event is in the index before it asks here: so one of the two finds the other.
 * Thread-safe.
 */
final class LiveConnections {

  /** What became of a connection that asked for a seat. */
  enum Seat {
    TAKEN,
    /** The identity has as many connections as it may. */
    FULL,
    /** Another identity is using the client id. */
    FOREIGN
  }

  private final AtomicLong numbers = new AtomicLong();
  private final Map<Long, LiveConnection> byNumber = new ConcurrentHashMap<>();
  private final Groups<CertificateKey> byCertificate = new Groups<>();
  private final Groups<String> byClientId = new Groups<>();
  private final Groups<String> byOwner = new Groups<>();

  /** Connections by what they have in common; mostly one. */
  private static final class Groups<K> {

    private final Map<K, List<LiveConnection>> groups = new ConcurrentHashMap<>();

    List<LiveConnection> of(K key) {
      return groups.getOrDefault(key, List.of());
    }

    void add(K key, LiveConnection one) {
      groups.merge(key, List.of(one), Groups::join);
    }

    static List<LiveConnection> join(List<LiveConnection> present, List<LiveConnection> added) {
      List<LiveConnection> all = new ArrayList<>(present);
      all.addAll(added);
      return List.copyOf(all);
    }

    void remove(K key, LiveConnection one) {
      groups.computeIfPresent(
          key,
          (same, present) -> {
            List<LiveConnection> left = present.stream().filter(other -> other != one).toList();
            return left.isEmpty() ? null : left;
          });
    }
  }

  /** Registers a connection; to be done before its status is asked. */
  LiveConnection register(Arrival arrival) {
    LiveConnection connection = new LiveConnection(numbers.incrementAndGet(), arrival);
    byCertificate.add(arrival.visitor().key(), connection);
    byNumber.put(connection.number(), connection);
    return connection;
  }

  /**
   * Gives a connection its place among those of its identity. One with the client id of another is
   * about to take it over, and counts with it as one.
   *
   * @param most how many client ids the identity may use at the same time
   */
  Seat seat(LiveConnection connection, int most) {
    String owner = connection.visitor().owner();
    byClientId.groups.compute(
        connection.clientId(),
        (id, present) -> {
          List<LiveConnection> others = present == null ? List.of() : present;
          boolean foreign = others.stream().anyMatch(o -> !o.visitor().owner().equals(owner));
          return foreign ? present : Groups.join(others, List.of(connection));
        });
    if (!byClientId.of(connection.clientId()).contains(connection)) {
      return Seat.FOREIGN;
    }
    byOwner.groups.compute(
        owner,
        (same, present) -> {
          List<LiveConnection> others = present == null ? List.of() : present;
          if (clientIdsBesides(connection, others) >= most) {
            return present;
          }
          connection.seat();
          return Groups.join(others, List.of(connection));
        });
    return connection.isSeated() ? Seat.TAKEN : Seat.FULL;
  }

  private static long clientIdsBesides(LiveConnection connection, List<LiveConnection> others) {
    return others.stream()
        .map(LiveConnection::clientId)
        .filter(id -> !id.equals(connection.clientId()))
        .distinct()
        .count();
  }

  /** Whether the identity's older connections are already as many as it may have. */
  boolean isBeyond(LiveConnection connection, int most) {
    List<LiveConnection> older =
        byOwner.of(connection.visitor().owner()).stream()
            .filter(other -> other.number() < connection.number())
            .toList();
    return clientIdsBesides(connection, older) >= most;
  }

  /** A connection has ended. */
  void unregister(long number) {
    LiveConnection connection = byNumber.remove(number);
    if (connection == null) {
      return;
    }
    byClientId.remove(connection.clientId(), connection);
    byOwner.remove(connection.visitor().owner(), connection);
    // last: whoever ends a certificate's connections and does not find this one any more must not
    // take its client id for used, and leave it the session
    byCertificate.remove(connection.visitor().key(), connection);
    connection.gone().complete(null);
  }

  /** The connections that came with any of these certificates. */
  List<LiveConnection> with(Collection<CertificateKey> certificates) {
    List<LiveConnection> found = new ArrayList<>();
    certificates.forEach(key -> found.addAll(byCertificate.of(key)));
    return found;
  }

  /** The connections that came with this certificate. */
  List<LiveConnection> with(CertificateKey certificate) {
    return byCertificate.of(certificate);
  }

  /** The connections of that identity that count, whichever certificate each came with. */
  List<LiveConnection> ownedBy(String owner) {
    return byOwner.of(owner);
  }

  /** Whether a connection with that client id is open or is being accepted. */
  boolean isUsed(String clientId) {
    return byClientId.of(clientId).stream().anyMatch(LiveConnection::isSeated);
  }

  /** Whether a connection with that client id has been accepted. */
  boolean hasEntered(String clientId) {
    return byClientId.of(clientId).stream().anyMatch(LiveConnection::hasEntered);
  }

  /** The connection with that number; null when it has ended. */
  @Nullable LiveConnection numbered(long number) {
    return byNumber.get(number);
  }

  /** All connections, at about this moment. */
  Collection<LiveConnection> all() {
    return byNumber.values();
  }

  int size() {
    return byNumber.size();
  }

  /** How many identities have connections. */
  int identities() {
    return byOwner.groups.size();
  }
}
