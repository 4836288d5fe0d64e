package io.guardbee.service.config;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds ports below the range that the system gives to clients: above it they collide under load.
 */
final class FreePorts {

  private static final int LOWEST = 20_000;
  private static final int BEYOND = 32_768;
  private static final int TRIES = 200;

  private FreePorts() {}

  static int orFree(String bind, int port) {
    if (port != 0) {
      return port;
    }
    for (int i = 0; i < TRIES; i++) {
      int candidate = ThreadLocalRandom.current().nextInt(LOWEST, BEYOND);
      try (ServerSocket probe = new ServerSocket(candidate, 1, InetAddress.getByName(bind))) {
        return probe.getLocalPort();
      } catch (IOException e) {
        // taken: try another
      }
    }
    throw new RefusedException(
        Reason.PORT_IN_USE,
        "no free port found on " + bind + " from " + LOWEST + " to " + (BEYOND - 1),
        "check that this address is one of this machine's, or name ports yourself");
  }
}
