package io.guardbee.service.profile;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Addresses with a common prefix (RFC 4632 §3.1, RFC 4291 §2.3).
 *
 * @param octets 4 or 16
 * @param bits length of the prefix
 */
record AddressRange(BigInteger first, int octets, int bits) {

  private static final String DECIMAL = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";

  /** What {@link InetAddress} reads without asking the network; no zone (RFC 5280 §4.2.1.6). */
  private static final Pattern ADDRESS =
      Pattern.compile(DECIMAL + "(?:\\." + DECIMAL + "){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  private static final int OCTET = 8;

  /**
   * Reads one address, or a range.
   *
   * @param text {@code 10.1.2.3}, {@code 10.0.0.0/8} or {@code fd00::/8}
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID}
   */
  static AddressRange parse(String text) {
    String[] parts = text.split("/", 2);
    InetAddress address = address(parts[0]).orElseThrow(() -> invalid(text));
    int octets = address.getAddress().length;
    int bits = octets * OCTET;
    if (parts.length == 2) {
      if (!parts[1].matches("[0-9]{1,3}") || Integer.parseInt(parts[1]) > bits) {
        throw invalid(text);
      }
      bits = Integer.parseInt(parts[1]);
    }
    AddressRange range = new AddressRange(new BigInteger(1, address.getAddress()), octets, bits);
    if (range.host(range.first).signum() != 0) {
      throw invalid(text);
    }
    return range;
  }

  /** An address in its usual notation; empty for anything else. */
  static Optional<InetAddress> address(String text) {
    try {
      return ADDRESS.matcher(text).matches()
          ? Optional.of(InetAddress.getByName(text))
          : Optional.empty();
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  boolean contains(String text) {
    return address(text)
        .map(InetAddress::getAddress)
        .filter(address -> address.length == octets)
        .map(address -> new BigInteger(1, address))
        .filter(address -> address.subtract(host(address)).equals(first))
        .isPresent();
  }

  private BigInteger host(BigInteger address) {
    return address.mod(BigInteger.ONE.shiftLeft(octets * OCTET - bits));
  }

  private static RefusedException invalid(String text) {
    return new RefusedException(
        Reason.CONFIGURATION_INVALID,
        "profiles: " + Quoted.of(text) + " is neither an address nor a range of addresses",
        "write an address such as 10.1.2.3, a range such as 10.0.0.0/8 or fd00::/8 with nothing"
            + " set beyond its prefix, or * for any");
  }
}
