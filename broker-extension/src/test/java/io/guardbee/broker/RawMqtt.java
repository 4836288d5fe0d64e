package io.guardbee.broker;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/** MQTT 5 by hand over one TLS socket, for what a client library hides: the TLS session. */
final class RawMqtt implements AutoCloseable {

  private static final int CONNACK = 0x20;

  private final SSLSocket socket;

  /**
   * Opens a connection; with a context used before, JSSE resumes its TLS session.
   *
   * @throws SSLException when the handshake is refused
   */
  RawMqtt(SSLContext tls, int port, String protocol) throws IOException {
    socket = (SSLSocket) tls.getSocketFactory().createSocket("localhost", port);
    socket.setEnabledProtocols(new String[] {protocol});
    socket.setSoTimeout(10_000);
    try {
      socket.startHandshake();
    } catch (SocketException e) {
      throw new SSLException("closed while the handshake was still being written", e);
    }
  }

  SSLSession session() {
    return socket.getSession();
  }

  /** Sends CONNECT; the reason code of the answer (MQTT 5 §3.2.2.2). */
  int connect(String clientId) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream body = new DataOutputStream(bytes);
    body.writeUTF("MQTT");
    body.writeByte(5);
    body.writeByte(2); // clean start
    body.writeShort(60);
    body.writeByte(0); // no properties
    body.writeUTF(new String(clientId.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    out.writeByte(0x10);
    out.writeByte(bytes.size()); // short names only: one byte of length
    bytes.writeTo(out);
    out.flush();
    DataInputStream in = new DataInputStream(socket.getInputStream());
    int type = in.readUnsignedByte();
    if (type != CONNACK) {
      throw new IOException("not a CONNACK: " + type);
    }
    int length = in.readUnsignedByte();
    if (length > 127) {
      length = (length & 0x7f) + 128 * in.readUnsignedByte();
    }
    return in.readNBytes(length)[1] & 0xff;
  }

  /** Waits until the broker closes. */
  boolean awaitClosed() throws IOException {
    try {
      socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
      return true;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
