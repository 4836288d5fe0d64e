package io.guardbee.broker.run;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Where MQTT clients connect to.
 *
 * @param wss port for secure WebSocket; null for none
 */
record Listener(String bind, int port, @Nullable Integer wss) {

  /** Above, clients' own ports lie, which come and go. */
  private static final int LOWEST = 10_000;

  private static final int HIGHEST = 32_767;
  private static final int TRIES = 100;

  /**
   * Checks that the ports are free, or finds some.
   *
   * @param port 0 for any
   * @param wss 0 for any, null for none
   * @throws RefusedException {@link Reason#PORT_IN_USE}
   */
  static Listener choose(String bind, int port, @Nullable Integer wss, RandomGenerator random) {
    int mqtts = free(new Wanted(bind, port, "--mqtts-port"), 0, random);
    Integer webSocket =
        wss == null ? null : free(new Wanted(bind, wss, "--wss-port"), mqtts, random);
    return new Listener(bind, mqtts, webSocket);
  }

  private record Wanted(String bind, int port, String option) {
    RefusedException inUse(String which) {
      return new RefusedException(
          Reason.PORT_IN_USE,
          which + " on " + bind + " is in use or not ours to use",
          "stop what uses it, or choose another with " + option + " (0: any free one)");
    }
  }

  private static int free(Wanted wanted, int taken, RandomGenerator random) {
    if (wanted.port() != 0) {
      if (wanted.port() == taken || !isFree(wanted.bind(), wanted.port())) {
        throw wanted.inUse("port " + wanted.port());
      }
      return wanted.port();
    }
    for (int i = 0; i < TRIES; i++) {
      int candidate = random.nextInt(LOWEST, HIGHEST + 1);
      if (candidate != taken && isFree(wanted.bind(), candidate)) {
        return candidate;
      }
    }
    throw wanted.inUse("every port tried");
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
