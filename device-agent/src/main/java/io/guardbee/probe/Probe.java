package io.guardbee.probe;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * One TLS connection to a broker that speaks just enough MQTT 5 to be let in, to publish and to
 * notice its end. Not thread-safe.
 */
public final class Probe implements AutoCloseable {

  private static final int TIMEOUT_MILLIS = 10_000;
  private static final int CONNECT = 0x10;
  private static final int PUBLISH_QOS_1 = 0x32;
  private static final int DISCONNECT = 0xE0;
  private static final int CLEAN_START = 0x02;
  private static final int KEEP_ALIVE_SECONDS = 120;

  private final SSLSocket socket;
  private final DataInputStream in;
  private final boolean resumed;

  private Probe(SSLSocket socket, boolean resumed) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(socket.getInputStream());
    this.resumed = resumed;
  }

  /**
   * Connects and shakes hands.
   *
   * @param tls holds the sessions that may be resumed
   * @param now the time in milliseconds, by which a session is known as older than this handshake
   */
  public static Probe open(SSLContext tls, URI broker, long now) throws IOException {
    Socket plain = new Socket();
    try {
      plain.setTcpNoDelay(true);
      plain.connect(new InetSocketAddress(broker.getHost(), broker.getPort()), TIMEOUT_MILLIS);
      plain.setSoTimeout(TIMEOUT_MILLIS);
      SSLSocket socket =
          (SSLSocket)
              tls.getSocketFactory().createSocket(plain, broker.getHost(), broker.getPort(), true);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      // JSSE hands a session's time of creation on to those that resume it
      return new Probe(socket, socket.getSession().getCreationTime() < now);
    } catch (IOException e) {
      plain.close();
      throw e;
    }
  }

  /** Whether the handshake took up an earlier session, so that no certificate was shown. */
  public boolean resumed() {
    return resumed;
  }

  /** The protocol agreed on, such as {@code TLSv1.3}. */
  public String protocol() {
    return socket.getSession().getProtocol();
  }

  /**
   * Asks to be let in with a clean session.
   *
   * @return the CONNACK's reason code; 0 is yes (MQTT 5 §3.2.2.2)
   */
  public int connect(String clientId) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream body = new DataOutputStream(bytes);
    body.writeUTF("MQTT");
    body.write(5);
    body.write(CLEAN_START);
    body.writeShort(KEEP_ALIVE_SECONDS);
    body.write(0); // no properties
    body.writeUTF(clientId);
    send(CONNECT, bytes.toByteArray());
    return answer()[1] & 0xff;
  }

  /**
   * Publishes with QoS 1 and waits for the PUBACK.
   *
   * @return its reason code
   */
  public int publish(String topic, String payload) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream body = new DataOutputStream(bytes);
    body.writeUTF(topic);
    body.writeShort(1);
    body.write(0); // no properties
    body.write(payload.getBytes(StandardCharsets.UTF_8));
    send(PUBLISH_QOS_1, bytes.toByteArray());
    byte[] puback = answer();
    return puback.length > 2 ? puback[2] & 0xff : 0; // MQTT 5 §3.4.2.1: success may be left out
  }

  /** Waits until the broker ends the connection; returns at once when it has. */
  public void awaitEnd(int timeoutMillis) throws IOException {
    socket.setSoTimeout(timeoutMillis);
    try {
      while (true) {
        answer();
      }
    } catch (EOFException e) {
      return;
    } catch (java.net.SocketTimeoutException e) {
      throw e;
    } catch (IOException e) {
      return; // a reset is an end too
    }
  }

  private void send(int type, byte[] body) throws IOException {
    ByteArrayOutputStream packet = new ByteArrayOutputStream();
    packet.write(type);
    int rest = body.length;
    do {
      packet.write(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
      rest >>>= 7;
    } while (rest > 0);
    packet.write(body);
    OutputStream out = socket.getOutputStream();
    out.write(packet.toByteArray());
    out.flush();
  }

  private byte[] answer() throws IOException {
    in.readUnsignedByte();
    int length = 0;
    int shift = 0;
    int octet;
    do {
      octet = in.readUnsignedByte();
      length |= (octet & 0x7f) << shift;
      shift += 7;
    } while ((octet & 0x80) != 0 && shift < 28);
    byte[] body = new byte[length];
    in.readFully(body);
    return body;
  }

  /** Forgets the TLS session, so that the next handshake is a full one. */
  public void forget() {
    socket.getSession().invalidate();
  }

  @Override
  public void close() throws IOException {
    try {
      send(DISCONNECT, new byte[0]);
    } catch (IOException e) {
      // gone already
    }
    socket.close();
  }
}
