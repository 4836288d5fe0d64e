package io.guardbee.broker;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/** A TLS connection to the broker over which anything can be said, MQTT or not. */
final class Wire implements AutoCloseable {

  private static final int CONNACK = 0x20;
  private static final int DISCONNECT = 0xe0;

  /** A packet of the broker's. */
  static final class Packet {
    private final int type;
    private final byte[] body;

    private Packet(int type, byte[] body) {
      this.type = type;
      this.body = body;
    }

    int type() {
      return type;
    }

    /** One of its octets after the length. */
    int octet(int place) {
      return body[place] & 0xff;
    }

    /** Its last octets. */
    byte[] last(int count) {
      return Arrays.copyOfRange(body, body.length - count, body.length);
    }

    int length() {
      return body.length;
    }
  }

  private final SSLSocket socket;
  private final DataInputStream in;

  Wire(SSLContext tls, int port) throws IOException {
    this(tls, port, "TLSv1.3");
  }

  Wire(SSLContext tls, int port, String protocol) throws IOException {
    socket = (SSLSocket) tls.getSocketFactory().createSocket("localhost", port);
    socket.setEnabledProtocols(new String[] {protocol});
    socket.setSoTimeout(20_000);
    socket.setTcpNoDelay(true);
    socket.startHandshake();
    in = new DataInputStream(socket.getInputStream());
  }

  /** Writes octets as they are; the broker may have closed in the middle of it. */
  Wire send(byte[] octets) throws IOException {
    try {
      socket.getOutputStream().write(octets);
      socket.getOutputStream().flush();
    } catch (SocketException | SSLException e) {
      // what it has to say of that is read below
    }
    return this;
  }

  /** Ends TLS by its close_notify and leaves TCP open. */
  void closeNotify() throws IOException {
    socket.shutdownOutput();
  }

  Packet read() throws IOException {
    int type = in.readUnsignedByte();
    int length = 0;
    int shift = 0;
    int octet;
    do {
      octet = in.readUnsignedByte();
      length |= (octet & 0x7f) << shift;
      shift += 7;
    } while ((octet & 0x80) != 0);
    return new Packet(type, in.readNBytes(length));
  }

  /**
   * How the broker ends it: the reason code of its CONNACK or DISCONNECT, or 0 when it closes
   * without a word. Other packets are passed over.
   */
  int awaitEnd() throws IOException {
    int said = 0;
    try {
      while (true) {
        Packet packet = read();
        if (packet.type() == CONNACK && packet.octet(1) != 0) {
          said = packet.octet(1);
        } else if (packet.type() == DISCONNECT && packet.length() > 0) {
          said = packet.octet(0);
        }
      }
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the broker did not end it", e);
    } catch (EOFException | SocketException | SSLException e) {
      return said;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** An MQTT packet: first octet, its length, its body. */
  static byte[] packet(int first, byte[] body) {
    ByteArrayOutputStream packet = new ByteArrayOutputStream();
    packet.write(first);
    int left = body.length;
    do {
      packet.write(left > 0x7f ? (left & 0x7f) | 0x80 : left);
      left >>= 7;
    } while (left > 0);
    packet.writeBytes(body);
    return packet.toByteArray();
  }

  /** Octets put together: numbers are one octet each, texts have their length before them. */
  static byte[] octets(Object... parts) {
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    for (Object part : parts) {
      if (part instanceof Integer number) {
        octets.write(number);
      } else if (part instanceof byte[] raw) {
        octets.writeBytes(raw);
      } else {
        octets.writeBytes(text(part.toString().getBytes(StandardCharsets.UTF_8)));
      }
    }
    return octets.toByteArray();
  }

  /** Octets with their length before them (MQTT 5 §1.5.4), UTF-8 or not. */
  static byte[] text(byte[] octets) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(text);
    try {
      out.writeShort(octets.length);
      out.write(octets);
      return text.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** CONNECT of MQTT 5 with a clean start; further octets after the client id. */
  static byte[] connect(byte[] clientId, int flags, Object... payload) {
    return packet(0x10, octets("MQTT", 5, flags, 0, 60, 0, text(clientId), octets(payload)));
  }

  static byte[] connect(String clientId) {
    return connect(clientId.getBytes(StandardCharsets.UTF_8), 2);
  }

  /** PUBLISH of MQTT 5 at QoS 0. */
  static byte[] publish(byte[] topic, byte[] properties, byte[] payload) {
    return packet(0x30, octets(text(topic), properties.length, properties, payload));
  }
}
