package io.guardbee.agent.mqtt;

import java.io.IOException;

/** The broker's CONNACK said no. */
final class ConnackRefused extends IOException {

  private static final long serialVersionUID = 1L;

  private final int code;
  private final String reasonString;

  /**
   * @param code MQTT 5 §3.2.2.2
   * @param reasonString MQTT 5 §3.2.2.3.9; empty when the broker gave none
   */
  ConnackRefused(int code, String reasonString) {
    super("CONNACK " + ReasonCode.name(code));
    this.code = code;
    this.reasonString = reasonString;
  }

  int code() {
    return code;
  }

  String reasonString() {
    return reasonString;
  }
}
