package io.guardbee.broker.run.listener;

import com.sun.management.UnixOperatingSystemMXBean;
import io.guardbee.broker.config.BrokerConfig.Connections;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * The limits in force, all of them positive.
 *
 * @param connections open at the same time
 * @param addressConnections of these from one network
 * @param handshakes unfinished at the same time
 * @param addressHandshakes of these from one network
 * @param handshakeTimeout from the accepted connection to the end of its handshake
 */
record Limits(
    int connections,
    int addressConnections,
    int handshakes,
    int addressHandshakes,
    Duration handshakeTimeout) {

  private static final int FILES_WHERE_UNKNOWN = 65_536;
  private static final double SHARE_OF_FILES = 0.9;
  private static final double SHARE_OF_ADDRESS = 0.75;

  /** Derives what the configuration leaves open (0) from the number of files of this process. */
  static Limits of(Connections configured) {
    return of(configured, files());
  }

  static Limits of(Connections configured, long files) {
    int all = configured.max();
    if (all == 0) {
      all = (int) Math.max(1, Math.min(Integer.MAX_VALUE, files * SHARE_OF_FILES));
    }
    int address = configured.maxPerAddress();
    if (address == 0) {
      address = (int) Math.max(1, all * SHARE_OF_ADDRESS);
    }
    return new Limits(
        all,
        address,
        configured.handshakes(),
        configured.handshakesPerAddress(),
        configured.handshakeTimeout());
  }

  private static long files() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : FILES_WHERE_UNKNOWN;
  }
}
