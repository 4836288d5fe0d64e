package io.guardbee.service.config;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds ports below the range that the system gives to clients: above it they collide under load.
 * Gives none twice. Not thread-safe.
 */
final class FreePorts {

  private static final int LOWEST = 20_000;
  private static final int BEYOND = 32_768;
  private static final int TRIES = 200;

  private final String bind;
  private final int lowest;
  private final int beyond;
  private final Set<Integer> given = new HashSet<>();

  FreePorts(String bind) {
    this(bind, LOWEST, BEYOND);
  }

  FreePorts(String bind, int lowest, int beyond) {
    this.bind = bind;
    this.lowest = lowest;
    this.beyond = beyond;
  }

  /** The same port, or a free one in the place of 0. */
  int orFree(int port) {
    if (port != 0) {
      return port;
    }
    for (int i = 0; i < TRIES; i++) {
      int candidate = ThreadLocalRandom.current().nextInt(lowest, beyond);
      if (!given.contains(candidate) && isFree(candidate)) {
        given.add(candidate);
        return candidate;
      }
    }
    throw new RefusedException(
        Reason.PORT_IN_USE,
        "no free port found on " + bind + " from " + lowest + " to " + (beyond - 1),
        "check that this address is one of this machine's, or name ports yourself");
  }

  private boolean isFree(int port) {
    try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getByName(bind))) {
      return probe.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}
