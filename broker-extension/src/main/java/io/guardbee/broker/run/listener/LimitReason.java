package io.guardbee.broker.run.listener;

import java.util.Locale;

/** Why a connection was closed before or during its TLS handshake; part of metric names. */
enum LimitReason {
  CONNECTIONS("all connections", "connections.max"),
  ADDRESS_CONNECTIONS("the connections of one address", "connections.maxPerAddress"),
  HANDSHAKES("all unfinished handshakes", "connections.handshakes"),
  ADDRESS_HANDSHAKES(
      "the unfinished handshakes of one address", "connections.handshakesPerAddress"),
  HANDSHAKE_REPLACED("unfinished handshakes, as the oldest one", "connections.handshakes"),
  HANDSHAKE_TIMEOUT("the time for a handshake", "connections.handshakeTimeout");

  private final String limit;
  private final String key;

  LimitReason(String limit, String key) {
    this.limit = limit;
    this.key = key;
  }

  /** What is limited, for people. */
  String limit() {
    return limit;
  }

  /** Where the limit is set. */
  String key() {
    return key;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
