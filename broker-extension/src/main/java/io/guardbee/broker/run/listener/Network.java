package io.guardbee.broker.run.listener;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The peers that are counted together: one IPv4 address, or one IPv6 /64, which a single subscriber
 * has as a whole (RFC 6177).
 */
record Network(String text) {

  private static final int PREFIX_OCTETS = 8;

  static Network of(InetAddress address) {
    if (address instanceof Inet6Address) {
      byte[] prefix = Arrays.copyOf(address.getAddress(), PREFIX_OCTETS);
      return new Network(HexFormat.ofDelimiter(":").formatHex(prefix) + "/64");
    }
    return new Network(address.getHostAddress());
  }

  @Override
  public String toString() {
    return text;
  }
}
