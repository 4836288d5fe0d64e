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
  HANDSHAKE_TIMEOUT("the time for a handshake", "connections.handshakeTimeout"),
  HELLO_TOO_LONG("the length of a ClientHello, " + ClientHelloGate.LONGEST + " octets");

  private final String limit;
  private final String advice;

  LimitReason(String limit) {
    this.limit = limit;
    this.advice = "no client needs more";
  }

  LimitReason(String limit, String key) {
    this.limit = limit;
    this.advice = "see " + key + " in guardbee.yaml";
  }

  /** What is limited, for people. */
  String limit() {
    return limit;
  }

  /** Where the limit is set, or why it cannot be. */
  String advice() {
    return advice;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
