package io.guardbee.bench.measure;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** A free port below those that the system gives to clients, which a connect storm uses up. */
public final class FreePort {

  private static final int LOWEST = 20_000;
  private static final int HIGHEST = 32_767;

  private FreePort() {}

  public static int choose() throws IOException {
    for (int port = LOWEST; port <= HIGHEST; port++) {
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // in use: try the next one
      }
    }
    throw new IOException("no free port from " + LOWEST + " to " + HIGHEST);
  }
}
