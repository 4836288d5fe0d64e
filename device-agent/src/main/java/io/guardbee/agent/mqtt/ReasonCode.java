package io.guardbee.agent.mqtt;

/** MQTT 5 reason codes (§2.4) that a device meets when it is refused. */
final class ReasonCode {

  static final int FAILED = 0x80;
  static final int NOT_AUTHORIZED = 0x87;

  private ReasonCode() {}

  /** The standard's words, with the code. */
  static String name(int code) {
    String words =
        switch (code) {
          case 0x81 -> "malformed packet";
          case 0x82 -> "protocol error";
          case 0x84 -> "unsupported protocol version";
          case 0x85 -> "client identifier not valid";
          case 0x86 -> "bad user name or password";
          case NOT_AUTHORIZED -> "not authorized";
          case 0x88 -> "server unavailable";
          case 0x89 -> "server busy";
          case 0x8A -> "banned";
          case 0x8B -> "server shutting down";
          case 0x8D -> "keep alive timeout";
          case 0x8E -> "session taken over";
          case 0x8F -> "topic filter invalid";
          case 0x90 -> "topic name invalid";
          case 0x95 -> "packet too large";
          case 0x97 -> "quota exceeded";
          case 0x98 -> "administrative action";
          case 0x9B -> "QoS not supported";
          case 0x9F -> "connection rate exceeded";
          case 0xA0 -> "maximum connect time";
          default -> "failure";
        };
    return words + String.format(" (0x%02X)", code);
  }
}
