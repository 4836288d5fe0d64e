package io.guardbee.service;

import io.guardbee.operator.Endpoints;
import io.guardbee.pki.OneKey;
import io.guardbee.pki.Pem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A TLS connection to the service on which a test writes what no HTTP client would. */
final class RawTls implements AutoCloseable {

  private final Socket socket;

  private RawTls(Socket socket) {
    this.socket = socket;
  }

  /** Bare TCP to the HTTPS port: what is written is no TLS but by chance. */
  static RawTls tcp(Endpoints endpoints) throws IOException {
    return new RawTls(
        new Socket(InetAddress.getLoopbackAddress(), URI.create(endpoints.https()).getPort()));
  }

  /** Plain HTTP from that address of this machine, such as 127.0.0.2. */
  static RawTls plain(Endpoints endpoints, String from) throws IOException {
    return new RawTls(
        new Socket(
            InetAddress.getLoopbackAddress(),
            URI.create(endpoints.http()).getPort(),
            InetAddress.getByName(from),
            0));
  }

  /** TLS with its handshake done, from that address of this machine. */
  static RawTls open(Endpoints endpoints, String from)
      throws IOException, GeneralSecurityException {
    SSLSocket socket =
        (SSLSocket)
            context(endpoints)
                .getSocketFactory()
                .createSocket(
                    InetAddress.getLoopbackAddress(),
                    URI.create(endpoints.https()).getPort(),
                    InetAddress.getByName(from),
                    0);
    socket.startHandshake();
    return new RawTls(socket);
  }

  static RawTls open(Endpoints endpoints) throws IOException, GeneralSecurityException {
    return new RawTls(
        context(endpoints)
            .getSocketFactory()
            .createSocket(
                InetAddress.getLoopbackAddress(), URI.create(endpoints.https()).getPort()));
  }

  /** With the operator's certificate. */
  static RawTls asOperator(Endpoints endpoints) throws IOException, GeneralSecurityException {
    byte[] der = Pem.der("PRIVATE KEY", Files.readString(Path.of(endpoints.operatorKey())));
    PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
    List<X509Certificate> chain = Pem.readCertificates(Path.of(endpoints.operatorCert()));
    return new RawTls(
        context(endpoints, new OneKey(key, chain))
            .getSocketFactory()
            .createSocket(
                InetAddress.getLoopbackAddress(), URI.create(endpoints.https()).getPort()));
  }

  private static SSLContext context(Endpoints endpoints, KeyManager... keys)
      throws IOException, GeneralSecurityException {
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    trust.setCertificateEntry("root", Pem.readCertificates(Path.of(endpoints.trust())).get(0));
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trust);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, factory.getTrustManagers(), null);
    return context;
  }

  RawTls write(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
    return this;
  }

  /** Writes an octet at a time until the service has had enough. */
  void trickle(String octet) {
    try {
      for (int i = 0; i < 200; i++) {
        write(octet);
        Thread.sleep(50);
      }
    } catch (IOException e) {
      return; // closed on us
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** All that the service says, to the end of the connection. */
  String answer() throws IOException {
    socket.setSoTimeout(60_000);
    StringBuilder text = new StringBuilder();
    try {
      int octet;
      while ((octet = socket.getInputStream().read()) >= 0) {
        text.append((char) octet);
      }
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the service keeps the connection: " + text, e);
    } catch (IOException e) {
      text.append("\n(closed)");
    }
    return text.toString();
  }

  /** What the service says up to that text, without waiting for the end of the connection. */
  String until(String end) throws IOException {
    socket.setSoTimeout(60_000);
    StringBuilder text = new StringBuilder();
    while (text.indexOf(end) < 0) {
      int octet = socket.getInputStream().read();
      if (octet < 0) {
        throw new AssertionError("the service says no " + end + ": " + text);
      }
      text.append((char) octet);
    }
    return text.toString();
  }

  /** Whether the service has closed it. */
  boolean isAtEnd() {
    try {
      socket.setSoTimeout(20);
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
