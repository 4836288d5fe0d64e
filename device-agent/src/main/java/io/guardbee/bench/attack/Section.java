package io.guardbee.bench.attack;

import java.util.Locale;

/** The attacks, in the order in which they run. */
enum Section {
  /** TLS handshakes that announce a large ClientHello and never send it, to the broker. */
  TLS_HELLO,
  /** HTTP requests whose bodies never arrive, to the service. */
  HTTP_BODIES,
  /** The same over HTTPS: each connection costs a handshake first. */
  HTTPS_BODIES;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
