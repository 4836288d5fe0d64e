package io.guardbee.service.http;

import io.guardbee.pki.RefusedException;
import io.guardbee.service.limit.Network;
import io.guardbee.service.limit.Rates;
import java.security.cert.X509Certificate;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** TLS connections whose handshakes wait for their turn, and tell whom they have met. */
final class QueuedSslConnectionFactory extends SslConnectionFactory {

  private final HandshakeQueue queue;
  private final Peers peers;

  /**
   * What becomes of peers.
   *
   * @param hasRole whether that client certificate is an operator's or a broker's
   */
  record Peers(
      ConnectionShares shares,
      Rates rates,
      ConnectionShares.Closer closer,
      Predicate<X509Certificate> hasRole) {}

  QueuedSslConnectionFactory(SslContextFactory.Server ssl, HandshakeQueue queue, Peers peers) {
    super(ssl, "http/1.1");
    this.queue = queue;
    this.peers = peers;
  }

  @Override
  protected SslConnection newSslConnection(
      Connector connector, EndPoint endPoint, SSLEngine engine) {
    Queued connection = new Queued(connector, endPoint, engine);
    connection.addHandshakeListener(connection);
    return connection;
  }

  /** Reads what comes only when it is its turn, until the handshake is done. */
  private final class Queued extends SslConnection implements SslHandshakeListener {
    private final Network network;
    private final AtomicBoolean computing = new AtomicBoolean();
    private volatile boolean isBegun;
    private volatile boolean isDone;

    Queued(Connector connector, EndPoint endPoint, SSLEngine engine) {
      super(
          connector.getByteBufferPool(),
          connector.getExecutor(),
          getSslContextFactory(),
          endPoint,
          engine,
          isDirectBuffersForEncryption(),
          isDirectBuffersForDecryption());
      this.network = Network.of(Arrivals.addressOf(endPoint));
    }

    @Override
    public void onFillable() {
      if (isDone) {
        super.onFillable();
      } else if (isBegun || isAdmitted()) {
        isBegun = true;
        queue.run(network, this::step);
      }
    }

    private boolean isAdmitted() {
      try {
        peers.rates().admitHandshake(network);
        return true;
      } catch (RefusedException e) {
        peers.closer().close(getEndPoint(), e);
        return false;
      }
    }

    private void step() {
      computing.set(true);
      try {
        super.onFillable();
      } finally {
        leave();
      }
    }

    /** Once for each step: as soon as the handshake is done, for a request may follow in it. */
    private void leave() {
      if (computing.getAndSet(false)) {
        queue.leave(getExecutor());
      }
    }

    @Override
    public void handshakeSucceeded(Event event) {
      isDone = true;
      leave();
      boolean hasRole = hasRole(event.getSSLEngine());
      if (hasRole) {
        queue.proven(network);
      }
      peers.shares().handshakeDone(getEndPoint(), hasRole);
    }

    @Override
    public void handshakeFailed(Event event, Throwable failure) {
      isDone = true;
      leave();
    }

    private boolean hasRole(SSLEngine engine) {
      try {
        return engine.getSession().getPeerCertificates()[0] instanceof X509Certificate own
            && peers.hasRole().test(own);
      } catch (SSLPeerUnverifiedException e) {
        return false; // no client certificate
      }
    }
  }
}
