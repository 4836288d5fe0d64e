package io.guardbee.service.http;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.limit.Network;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SelectorManager;
import org.jspecify.annotations.Nullable;

/**
 * Which connections stay when there are too many. The service never stops accepting: a connection
 * that waits for its peer gives way to a new one, the one that has waited longest first, and an
 * address beyond its own share gives up only its own. Operators and brokers leave the shares once
 * their handshake has proved their role. Thread-safe.
 */
final class ConnectionShares {

  /** A peer that has not moved for so long gives way; before that the newest is refused. */
  private static final Duration STALLED = Duration.ofSeconds(1);

  /**
   * How many connections at one time.
   *
   * @param all apart from those of operators and brokers
   * @param perNetwork of these, of one network
   * @param handshakes of these, unfinished
   * @param privileged those of operators and brokers
   */
  record Bounds(int all, int perNetwork, int handshakes, int privileged) {}

  /** Ends connections; called without a lock. */
  interface Closer {
    void close(EndPoint endPoint, RefusedException why);

    /**
     * One that was just accepted.
     *
     * @param tls whether the peer will speak TLS on it
     */
    void close(SelectableChannel channel, boolean tls, RefusedException why);
  }

  private final Bounds bounds;
  private final Closer closer;
  private final LongSupplier nanoTime;
  private final Map<SelectableChannel, Place> places = new HashMap<>();
  private final Map<Network, Share> shares = new HashMap<>();
  private final Set<Place> waiting = new LinkedHashSet<>(); // longest first, as in each share
  private int counted;
  private int privileged;

  /** One connection. */
  private static final class Place {
    final SelectableChannel channel;
    final Network network;
    final Share share;
    final boolean tls;
    @Nullable EndPoint endPoint;
    boolean isPrivileged;
    boolean isCounted;
    long since;

    Place(SelectableChannel channel, Network network, Share share, boolean tls) {
      this.channel = channel;
      this.tls = tls;
      this.network = network;
      this.share = share;
    }
  }

  /** The connections of one network. */
  private static final class Share {
    final Set<Place> waiting = new LinkedHashSet<>();
    final Set<Place> handshaking = new LinkedHashSet<>();
    int open;
  }

  private record Victim(Place place, RefusedException why) {}

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  ConnectionShares(Bounds bounds, Closer closer, LongSupplier nanoTime) {
    this.bounds = bounds;
    this.closer = closer;
    this.nanoTime = nanoTime;
  }

  /**
   * What a connector has to tell.
   *
   * @param tls whether its connections begin with a handshake
   */
  SelectorManager.AcceptListener listener(boolean tls) {
    return new SelectorManager.AcceptListener() {
      @Override
      public void onAccepting(SelectableChannel channel) {
        accepting(channel, tls);
      }

      @Override
      public void onAcceptFailed(SelectableChannel channel, Throwable cause) {
        closed(channel);
      }

      @Override
      public void onClosed(SelectableChannel channel) {
        closed(channel);
      }
    };
  }

  private void accepting(SelectableChannel channel, boolean tls) {
    Network network = networkOf(channel);
    Victim victim;
    synchronized (this) {
      Place place = new Place(channel, network, shares.getOrDefault(network, new Share()), tls);
      place.since = nanoTime.getAsLong();
      victim = tooMany(place);
      if (victim == null || victim.place() != place) {
        places.put(channel, place);
        count(place);
      }
      if (victim != null) {
        uncount(victim.place());
      }
    }
    close(victim);
  }

  private void close(@Nullable Victim victim) {
    if (victim != null) {
      EndPoint endPoint = victim.place().endPoint;
      if (endPoint == null) {
        closer.close(victim.place().channel, victim.place().tls, victim.why());
      } else {
        closer.close(endPoint, victim.why());
      }
    }
  }

  /** The one that has to go so that this one may come; this one itself where no other has to. */
  private @Nullable Victim tooMany(Place place) {
    Share share = place.share;
    if (place.tls && share.handshaking.size() >= bounds.handshakes()) {
      return new Victim(
          stalled(share.handshaking, place),
          refusal(place, bounds.handshakes() + " unfinished TLS handshakes"));
    }
    if (share.open >= bounds.perNetwork()) {
      return new Victim(
          stalled(share.waiting, place), refusal(place, bounds.perNetwork() + " connections open"));
    }
    if (counted >= bounds.all()) {
      Place longest = waiting.isEmpty() ? place : waiting.iterator().next();
      return new Victim(longest, fullHouse());
    }
    return null;
  }

  private Place stalled(Set<Place> longestFirst, Place newest) {
    if (longestFirst.isEmpty()) {
      return newest;
    }
    Place longest = longestFirst.iterator().next();
    return newest.since - longest.since >= STALLED.toNanos() ? longest : newest;
  }

  private static RefusedException refusal(Place place, String has) {
    return new RefusedException(
        Reason.CONNECTIONS_EXHAUSTED,
        "address " + place.network + " has " + has,
        "use one connection for many requests; the limit is limits.connectionsPerAddress",
        STALLED);
  }

  private RefusedException fullHouse() {
    return new RefusedException(
        Reason.OVERLOADED,
        bounds.all() + " connections are open, and others wanted in",
        "come back in a second; the limit is limits.connections",
        STALLED);
  }

  private void count(Place place) {
    Share share = place.share;
    shares.put(place.network, share);
    share.open++;
    counted++;
    place.isCounted = true;
    if (place.tls) {
      share.handshaking.add(place);
    }
    share.waiting.add(place);
    waiting.add(place);
  }

  private void uncount(Place place) {
    Share share = place.share;
    if (!place.isCounted) {
      return;
    }
    place.isCounted = false;
    counted--;
    share.open--;
    share.handshaking.remove(place);
    share.waiting.remove(place);
    waiting.remove(place);
    if (share.open == 0) {
      shares.remove(place.network);
    }
  }

  private synchronized void closed(SelectableChannel channel) {
    Place place = places.remove(channel);
    if (place != null) {
      uncount(place);
      privileged -= place.isPrivileged ? 1 : 0;
    }
  }

  /** From now on the connection can be closed in good order. */
  synchronized void opened(EndPoint endPoint) {
    Place place = placeOf(endPoint);
    if (place != null) {
      place.endPoint = endPoint;
    }
  }

  /**
   * The TLS handshake has ended.
   *
   * @param hasRole whether the peer is an operator or a broker
   */
  void handshakeDone(EndPoint endPoint, boolean hasRole) {
    Victim victim = null;
    synchronized (this) {
      Place place = placeOf(endPoint);
      if (place == null || !place.isCounted) {
        return;
      }
      if (!hasRole) {
        place.share.handshaking.remove(place);
        waits(place);
      } else if (privileged < bounds.privileged()) {
        uncount(place);
        place.isPrivileged = true;
        privileged++;
      } else {
        uncount(place);
        victim = new Victim(place, tooManyPrivileged());
      }
    }
    close(victim);
  }

  private RefusedException tooManyPrivileged() {
    return new RefusedException(
        Reason.OVERLOADED,
        bounds.privileged() + " connections of operators and brokers are open",
        "close some; the limit is a quarter of limits.connections");
  }

  /** A request has arrived whole: nobody waits for the peer. */
  synchronized void busy(EndPoint endPoint) {
    Place place = placeOf(endPoint);
    if (place != null) {
      place.share.waiting.remove(place);
      waiting.remove(place);
    }
  }

  /** The answer is out: it is the peer's turn. */
  synchronized void waits(EndPoint endPoint) {
    Place place = placeOf(endPoint);
    if (place != null && place.isCounted) {
      waits(place);
    }
  }

  private void waits(Place place) {
    place.since = nanoTime.getAsLong();
    place.share.waiting.remove(place);
    place.share.waiting.add(place);
    waiting.remove(place);
    waiting.add(place);
  }

  /** Whether the peer has proved to be an operator or a broker. */
  synchronized boolean isPrivileged(EndPoint endPoint) {
    Place place = placeOf(endPoint);
    return place != null && place.isPrivileged;
  }

  private @Nullable Place placeOf(EndPoint endPoint) {
    return endPoint.getTransport() instanceof SelectableChannel channel
        ? places.get(channel)
        : null;
  }

  private static Network networkOf(SelectableChannel channel) {
    return Network.of(
        channel instanceof SocketChannel socket
            ? socket.socket().getInetAddress() == null
                ? "unknown"
                : socket.socket().getInetAddress().getHostAddress()
            : "unknown");
  }
}
