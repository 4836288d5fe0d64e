package io.guardbee.bench.door;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import javax.net.ssl.SSLSocket;

/**
 * A device's connection, as light as it gets: one TLS socket, packets made beforehand. Not
 * thread-safe.
 */
final class Link implements AutoCloseable {

  private static final int TIMEOUT_MILLIS = 30_000;
  private static final int BUFFER = 512;
  private static final int REFUSED = 0x80;
  private static final String PROTOCOL = "TLSv1.3";

  /** What RFC 8446 §9.1 makes everybody have; fewer to choose from make a lighter client. */
  private static final String CIPHER_SUITE = "TLS_AES_128_GCM_SHA256";

  private final SSLSocket socket;
  private final DataInputStream in;
  private final OutputStream out;

  private Link(SSLSocket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER));
    this.out = socket.getOutputStream();
  }

  /**
   * Shakes hands in full and is let in.
   *
   * @param connect the packet
   * @throws IOException also when the handshake was short or the answer was no
   */
  static Link open(Member device, URI broker, byte[] connect) throws IOException {
    long start = System.currentTimeMillis();
    Socket plain = new Socket();
    try {
      plain.setTcpNoDelay(true);
      plain.setSoTimeout(TIMEOUT_MILLIS);
      plain.connect(new InetSocketAddress(broker.getHost(), broker.getPort()), TIMEOUT_MILLIS);
      SSLSocket socket =
          (SSLSocket)
              device
                  .tls()
                  .getSocketFactory()
                  .createSocket(plain, broker.getHost(), broker.getPort(), true);
      socket.setEnabledProtocols(new String[] {PROTOCOL});
      socket.setEnabledCipherSuites(new String[] {CIPHER_SUITE});
      socket.startHandshake();
      Link link = new Link(socket);
      link.checkFull(start);
      link.send(connect);
      link.expectAccepted(device);
      socket.getSession().invalidate(); // the device's next handshake is a full one again
      return link;
    } catch (IOException e) {
      plain.close();
      throw e;
    }
  }

  /** JSSE hands a session's time of creation on to those that resume it. */
  private void checkFull(long start) throws IOException {
    String protocol = socket.getSession().getProtocol();
    if (!protocol.equals(PROTOCOL) || socket.getSession().getCreationTime() < start) {
      throw new IOException("no full handshake of " + PROTOCOL + " but one of " + protocol);
    }
  }

  private void expectAccepted(Member device) throws IOException {
    byte[] connack = receive();
    if (connack[1] != 0) {
      throw new IOException(device.id() + " was not let in: CONNACK " + (connack[1] & 0xff));
    }
  }

  void send(byte[] packets) throws IOException {
    out.write(packets);
    out.flush();
  }

  /** The rest of the next packet, after its fixed header. */
  byte[] receive() throws IOException {
    in.readUnsignedByte();
    int length = 0;
    int shift = 0;
    int octet;
    do {
      octet = in.readUnsignedByte();
      length |= (octet & 0x7f) << shift;
      shift += 7;
    } while ((octet & 0x80) != 0 && shift < 28);
    byte[] rest = new byte[length];
    in.readFully(rest);
    return rest;
  }

  /** Waits for one PUBACK (§3.4.2.1: a success may leave its code out). */
  void awaitAcknowledgement() throws IOException {
    byte[] puback = receive();
    if (puback.length > 2 && (puback[2] & 0xff) >= REFUSED) {
      throw new IOException("publish refused: " + (puback[2] & 0xff));
    }
  }

  /** Waits until the broker has closed it, whatever it says before. */
  void awaitEnd() throws IOException {
    try {
      while (true) {
        receive();
      }
    } catch (EOFException e) {
      return;
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException e) {
      return; // a reset is an end too
    }
  }

  @Override
  public void close() throws IOException {
    try {
      send(Packets.DISCONNECT);
    } catch (IOException e) {
      // gone already
    }
    socket.close();
  }
}
