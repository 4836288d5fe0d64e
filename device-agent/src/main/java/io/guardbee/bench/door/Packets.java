package io.guardbee.bench.door;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** MQTT 5 packets, written once before any clock runs. */
final class Packets {

  private static final int CONNECT = 0x10;
  private static final int PUBLISH = 0x30;
  private static final int QOS_1 = 0x02;
  private static final int CLEAN_START = 0x02;
  private static final int NO_PROPERTIES = 0;

  static final byte[] PINGREQ = {(byte) 0xC0, 0};
  static final byte[] DISCONNECT = {(byte) 0xE0, 0};

  private Packets() {}

  private interface Body {
    void write(DataOutputStream out) throws IOException;
  }

  /** A clean session that may stay silent for ever (§3.1.2.10: keep alive 0). */
  static byte[] connect(String clientId) {
    return packet(
        CONNECT,
        out -> {
          out.writeUTF("MQTT");
          out.write(5);
          out.write(CLEAN_START);
          out.writeShort(0);
          out.write(NO_PROPERTIES);
          out.writeUTF(clientId);
        });
  }

  static byte[] publishAtMostOnce(String topic, byte[] payload) {
    return packet(
        PUBLISH,
        out -> {
          out.writeUTF(topic);
          out.write(NO_PROPERTIES);
          out.write(payload);
        });
  }

  static byte[] publishAtLeastOnce(String topic, int identifier, byte[] payload) {
    return packet(
        PUBLISH | QOS_1,
        out -> {
          out.writeUTF(topic);
          out.writeShort(identifier);
          out.write(NO_PROPERTIES);
          out.write(payload);
        });
  }

  private static byte[] packet(int type, Body body) {
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    try {
      body.write(new DataOutputStream(rest));
    } catch (IOException e) {
      throw new UncheckedIOException("an array takes every byte", e);
    }
    ByteArrayOutputStream packet = new ByteArrayOutputStream();
    packet.write(type);
    int length = rest.size(); // §1.5.5: seven bits an octet, the low ones first
    do {
      packet.write(length > 0x7f ? (length & 0x7f) | 0x80 : length);
      length >>>= 7;
    } while (length > 0);
    packet.writeBytes(rest.toByteArray());
    return packet.toByteArray();
  }
}
