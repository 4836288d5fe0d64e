package io.guardbee.bench.attack;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;

/** Addresses of the loopback interface: Linux has all of 127.0.0.0/8 there. */
final class Addresses {

  /** From which legitimate clients come, too. */
  static final InetAddress OWN = of("127.0.0.1");

  static final List<InetAddress> OTHERS =
      Stream.of("127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5").map(Addresses::of).toList();

  private Addresses() {}

  private static InetAddress of(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("a literal is not looked up", e);
    }
  }
}
