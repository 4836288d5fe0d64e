package io.guardbee.broker.clone;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Where a peer is, as far as its address tells: an IPv4 address, or the /64 network of an IPv6 one,
 * since a host changes its address within that at will (RFC 8981).
 *
 * @param address for people
 */
public record Place(String network, String address) {

  private static final int NETWORK_OCTETS = 8;

  public static Place of(InetAddress address) {
    String text = address.getHostAddress();
    if (address instanceof Inet6Address) {
      byte[] network = Arrays.copyOf(address.getAddress(), NETWORK_OCTETS);
      return new Place(HexFormat.of().formatHex(network), text);
    }
    return new Place(text, text);
  }

  /** Unknown addresses are in no place, hence never in two. */
  public boolean isApartFrom(Place other) {
    return !network.isEmpty() && !other.network.isEmpty() && !network.equals(other.network);
  }

  /** Where the broker does not tell. */
  public static Place unknown() {
    return new Place("", "");
  }
}
