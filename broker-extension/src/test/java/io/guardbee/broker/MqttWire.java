package io.guardbee.broker;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * MQTT 3.1, 3.1.1 and 5 by hand over one TLS socket, for what client libraries do not let one do: a
 * local address, an acknowledgement that is held back, the codes as they come.
 */
final class MqttWire implements AutoCloseable {

  static final int V31 = 3;
  static final int V311 = 4;
  static final int V5 = 5;

  /** The connection ended without a word. */
  static final int CLOSED = -1;

  private static final int REASON_STRING = 0x1f;
  private static final int RECEIVE_MAXIMUM = 0x21;

  private final SSLSocket socket;
  private final DataInputStream in;
  private final DataOutputStream out;
  private final List<String> received = new ArrayList<>();
  private final List<Integer> unacknowledged = new ArrayList<>();
  private boolean acknowledging = true;
  private int version = V5;
  private int lastId;
  private String reason = "";

  private record Packet(int type, ByteBuffer body) {}

  MqttWire(SSLContext tls, int port, InetAddress from) throws IOException {
    socket =
        (SSLSocket)
            tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port, from, 0);
    socket.setSoTimeout(20_000);
    in = new DataInputStream(socket.getInputStream());
    out = new DataOutputStream(socket.getOutputStream());
  }

  /** CONNECT; the code of the answer. */
  int connect(int protocol, String clientId, boolean clean) throws IOException {
    return connect(protocol, clientId, clean, 0);
  }

  /**
   * CONNECT.
   *
   * @param receiveMaximum how many messages may be unacknowledged, 0 for the default
   */
  int connect(int protocol, String clientId, boolean clean, int receiveMaximum) throws IOException {
    version = protocol;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream body = new DataOutputStream(bytes);
    body.writeUTF(protocol == V31 ? "MQIsdp" : "MQTT");
    body.writeByte(protocol);
    body.writeByte(clean ? 2 : 0);
    body.writeShort(60);
    if (protocol == V5 && receiveMaximum > 0) {
      body.writeByte(3);
      body.writeByte(RECEIVE_MAXIMUM);
      body.writeShort(receiveMaximum);
    } else if (protocol == V5) {
      body.writeByte(0);
    }
    body.writeUTF(clientId);
    send(0x10, bytes.toByteArray());
    return code(await(2), 1);
  }

  /** SUBSCRIBE; the code of the answer. */
  int subscribe(String filter, int qos) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream body = new DataOutputStream(bytes);
    body.writeShort(++lastId);
    if (version == V5) {
      body.writeByte(0);
    }
    body.writeUTF(filter);
    body.writeByte(qos);
    send(0x82, bytes.toByteArray());
    Packet answer = await(9);
    if (answer.type() != 9) {
      return code(answer, 0);
    }
    answer.body().getShort();
    properties(answer.body());
    return answer.body().get() & 0xff;
  }

  /** PUBLISH; the code of the PUBACK, of a DISCONNECT, or CLOSED; 0 at once for QoS 0. */
  int publish(String topic, int qos) throws IOException {
    return publish(topic, qos, 2);
  }

  int publish(String topic, int qos, int size) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream body = new DataOutputStream(bytes);
    body.writeUTF(topic);
    if (qos > 0) {
      body.writeShort(++lastId);
    }
    if (version == V5) {
      body.writeByte(0);
    }
    body.write(new byte[size]);
    try {
      send(0x30 | (qos << 1), bytes.toByteArray());
    } catch (SocketException e) {
      return qos == 0 ? 0 : code(await(4), 2);
    }
    return qos == 0 ? 0 : code(await(4), 2);
  }

  /** A round trip without meaning. */
  boolean ping() throws IOException {
    send(0xc0, new byte[0]);
    return await(13).type() == 13;
  }

  /** From now on keeps the broker waiting for acknowledgements. */
  void holdBack() {
    acknowledging = false;
  }

  void acknowledge() throws IOException {
    acknowledging = true;
    for (int id : unacknowledged) {
      send(0x40, new byte[] {(byte) (id >> 8), (byte) id});
    }
    unacknowledged.clear();
  }

  /** Reads until a message of that topic is there. */
  void awaitMessage(String topic) throws IOException {
    while (!received.contains(topic)) {
      Packet packet = read();
      if (packet.type() == 0) {
        throw new EOFException("no " + topic + " but " + received);
      }
      take(packet);
    }
  }

  List<String> received() {
    return received;
  }

  /** The reason string of the last answer that had one. */
  String reason() {
    return reason;
  }

  /** Reads until the broker closes; the code of its DISCONNECT, CLOSED without one. */
  int awaitEnd() throws IOException {
    return code(await(0), 0);
  }

  /** The packet of that type, or what ends the connection. */
  private Packet await(int type) throws IOException {
    while (true) {
      Packet packet = read();
      if (packet.type() == type || packet.type() == 14 || packet.type() == 0) {
        return packet;
      }
      take(packet);
    }
  }

  private void take(Packet packet) throws IOException {
    if (packet.type() >> 8 != 3) {
      return;
    }
    byte[] topic = new byte[packet.body().getShort()];
    packet.body().get(topic);
    received.add(new String(topic, StandardCharsets.UTF_8));
    if ((packet.type() & 0x6) != 0) {
      unacknowledged.add((int) packet.body().getShort());
      if (acknowledging) {
        acknowledge();
      }
    }
  }

  /** A PUBLISH has type 3 and its flags; the end has type 0. */
  private Packet read() throws IOException {
    try {
      int first = in.readUnsignedByte();
      int length = 0;
      int shift = 0;
      int next;
      do {
        next = in.readUnsignedByte();
        length |= (next & 0x7f) << shift;
        shift += 7;
      } while (next > 0x7f);
      byte[] body = in.readNBytes(length);
      int type = first >> 4;
      return new Packet(type == 3 ? 0x300 | (first & 0xf) : type, ByteBuffer.wrap(body));
    } catch (EOFException | SocketException e) {
      return new Packet(0, ByteBuffer.allocate(0));
    }
  }

  /** The code at that place, 0 where it is left out. */
  private int code(Packet packet, int place) {
    if (packet.type() == 0) {
      return CLOSED;
    }
    int at = packet.type() == 14 ? 0 : place;
    ByteBuffer body = packet.body();
    if (body.limit() <= at) {
      return 0;
    }
    int code = body.get(at) & 0xff;
    if (version == V5 && body.limit() > at + 1) {
      body.position(at + 1);
      properties(body);
    }
    return code;
  }

  private void properties(ByteBuffer body) {
    if (version != V5) {
      return;
    }
    int length = body.get() & 0xff;
    if (length > 0x7f) {
      length = (length & 0x7f) | ((body.get() & 0xff) << 7);
    }
    int end = body.position() + length;
    if (length > 3 && body.get(body.position()) == REASON_STRING) {
      body.get();
      byte[] text = new byte[body.getShort()];
      body.get(text);
      reason = new String(text, StandardCharsets.UTF_8);
    }
    body.position(end);
  }

  private void send(int first, byte[] body) throws IOException {
    ByteArrayOutputStream packet = new ByteArrayOutputStream();
    packet.write(first);
    int left = body.length;
    do {
      packet.write(left > 0x7f ? (left & 0x7f) | 0x80 : left);
      left >>= 7;
    } while (left > 0);
    packet.write(body);
    out.write(packet.toByteArray());
    out.flush();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
