package io.guardbee.agent.mqtt;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.eclipse.paho.mqttv5.client.internal.NetworkModule;
import org.jspecify.annotations.Nullable;

/**
 * The TLS connection under Paho: host name always checked, one deadline for connecting and
 * handshake, and the first answer read for its reason.
 */
final class DoorModule implements NetworkModule {

  private final URI broker;
  private final SSLSocketFactory tls;
  private final int timeoutMillis;
  private @Nullable Socket socket;

  DoorModule(URI broker, SSLSocketFactory tls, int timeoutMillis) {
    this.broker = broker;
    this.tls = tls;
    this.timeoutMillis = timeoutMillis;
  }

  @Override
  public void start() throws IOException {
    String host = broker.getHost().replaceAll("^\\[|]$", ""); // IPv6 literals stand in brackets
    Socket plain = new PatientSocket();
    socket = plain;
    plain.setTcpNoDelay(true);
    plain.connect(new InetSocketAddress(host, broker.getPort()), timeoutMillis);
    plain.setSoTimeout(timeoutMillis);
    SSLSocket secured = (SSLSocket) tls.createSocket(plain, host, broker.getPort(), true);
    socket = secured;
    SSLParameters parameters = secured.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS"); // RFC 9525: the host name must match
    secured.setSSLParameters(parameters);
    secured.startHandshake();
    secured.setSoTimeout(0); // keep-alive finds a dead peer
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return new ConnackReader(started().getInputStream());
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return started().getOutputStream();
  }

  @Override
  public void stop() throws IOException {
    Socket open = socket;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public String getServerURI() {
    return broker.toString();
  }

  private Socket started() throws IOException {
    Socket open = socket;
    if (open == null) {
      throw new IOException("not connected");
    }
    return open;
  }
}
