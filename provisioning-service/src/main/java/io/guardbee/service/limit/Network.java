package io.guardbee.service.limit;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * Whom an address stands for when requests are counted: an IPv4 address for itself, an IPv6 address
 * for its /64, which one subscriber has as a whole (RFC 6177).
 */
public record Network(String text) {

  private static final int PREFIX_OCTETS = 8;

  /**
   * The network of that address.
   *
   * @param address as a socket tells it; a zone ({@code %eth0}) is passed over
   */
  public static Network of(String address) {
    String bare = address.replace("[", "").replace("]", "").replaceAll("%.*", "");
    if (bare.indexOf(':') < 0) {
      return new Network(bare);
    }
    try {
      InetAddress parsed = InetAddress.getByName(bare); // a literal: nobody is asked
      if (parsed instanceof Inet6Address six) {
        byte[] octets = six.getAddress();
        Arrays.fill(octets, PREFIX_OCTETS, octets.length, (byte) 0);
        return new Network(InetAddress.getByAddress(octets).getHostAddress() + "/64");
      }
      return new Network(parsed.getHostAddress()); // IPv4 written as IPv6
    } catch (UnknownHostException e) {
      return new Network(bare);
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
