package io.guardbee.broker.run;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.random.RandomGenerator;

/** Where MQTT clients connect to. */
record Listener(String bind, int port) {

  /** Above, clients' own ports lie, which come and go. */
  private static final int LOWEST = 10_000;

  private static final int HIGHEST = 32_767;
  private static final int TRIES = 100;

  /**
   * Checks that the port is free, or finds one.
   *
   * @param port 0 for any
   * @throws RefusedException {@link Reason#PORT_IN_USE}
   */
  static Listener choose(String bind, int port, RandomGenerator random) {
    if (port != 0) {
      if (!isFree(bind, port)) {
        throw inUse(bind, "port " + port);
      }
      return new Listener(bind, port);
    }
    for (int i = 0; i < TRIES; i++) {
      int candidate = random.nextInt(LOWEST, HIGHEST + 1);
      if (isFree(bind, candidate)) {
        return new Listener(bind, candidate);
      }
    }
    throw inUse(bind, "every port tried");
  }

  private static RefusedException inUse(String bind, String port) {
    return new RefusedException(
        Reason.PORT_IN_USE,
        port + " on " + bind + " is in use or not ours to use",
        "stop what uses it, or choose another with --mqtts-port (0: any free one)");
  }

  private static boolean isFree(String bind, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(bind), port));
      return true;
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }
}
