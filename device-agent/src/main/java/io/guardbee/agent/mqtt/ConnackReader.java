package io.guardbee.agent.mqtt;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.packet.MqttConnAck;
import org.eclipse.paho.mqttv5.common.packet.MqttWireMessage;

/**
 * Passes a connection's octets on and looks at the first packet: Paho keeps the code of a refusing
 * CONNACK but drops its reason string, which is what a person needs.
 */
final class ConnackReader extends FilterInputStream {

  private static final int LONGEST_LENGTH = 4; // MQTT 5 §1.5.5

  private final ByteArrayOutputStream first = new ByteArrayOutputStream();
  private boolean seen;

  ConnackReader(InputStream in) {
    super(in);
  }

  @Override
  public int read() throws IOException {
    int octet = super.read();
    if (octet >= 0 && !seen) {
      first.write(octet);
      inspect();
    }
    return octet;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count = super.read(buffer, offset, length);
    if (count > 0 && !seen) {
      first.write(buffer, offset, count);
      inspect();
    }
    return count;
  }

  private void inspect() throws IOException {
    byte[] packet = first.toByteArray();
    int header = 1;
    int remaining = 0;
    while (true) {
      if (header > LONGEST_LENGTH) {
        seen = true;
        return;
      }
      if (header >= packet.length) {
        return;
      }
      remaining |= (packet[header] & 0x7f) << (7 * (header - 1));
      if ((packet[header++] & 0x80) == 0) {
        break;
      }
    }
    if (packet.length >= header + remaining) {
      seen = true;
      check(java.util.Arrays.copyOf(packet, header + remaining));
    }
  }

  private static void check(byte[] packet) throws IOException {
    try {
      if (MqttWireMessage.createWireMessage(packet) instanceof MqttConnAck answer
          && answer.getReturnCode() >= ReasonCode.FAILED) {
        String reason = answer.getProperties().getReasonString();
        throw new ConnackRefused(answer.getReturnCode(), reason == null ? "" : reason);
      }
    } catch (MqttException e) {
      throw new IOException("the first packet is not MQTT 5", e);
    }
  }
}
