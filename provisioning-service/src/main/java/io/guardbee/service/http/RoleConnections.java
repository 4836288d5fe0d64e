package io.guardbee.service.http;

import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.service.revocation.CertificateRevocations;
import io.guardbee.service.role.RoleCertificates;
import io.javalin.http.Context;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.Connection;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open connections of operators and brokers, by the certificate shown. Those of a certificate
 * that is revoked are closed, with whatever feed, stream or download is under way on them.
 * Thread-safe.
 */
public final class RoleConnections implements CertificateRevocations.RoleRevocations {

  private static final Logger LOG = LoggerFactory.getLogger(RoleConnections.class);

  private final RoleCertificates roles;
  private final Map<Connection, Serial> open = new ConcurrentHashMap<>();
  private long seen = -1;

  public RoleConnections(RoleCertificates roles) {
    this.roles = roles;
  }

  /** To be called before the certificate is found good: a revocation after that finds it here. */
  void note(Context context, Serial serial) {
    Connection connection = connection(context);
    if (open.put(connection, serial) == null) {
      connection.addEventListener(
          new Connection.Listener() {
            @Override
            public void onClosed(Connection closed) {
              open.remove(closed);
            }
          });
      if (!connection.getEndPoint().isOpen()) { // closed before it was listened to
        open.remove(connection);
      }
    }
  }

  private static Connection connection(Context context) {
    return ServletContextRequest.getServletContextRequest(context.req())
        .getConnectionMetaData()
        .getConnection();
  }

  @Override
  public void revoking(Handle tx) {
    RoleCertificates.noteChange(tx);
  }

  @Override
  public void revoked() {
    look();
  }

  /** Closes what is open of certificates that were revoked since the last look, by any replica. */
  public void look() {
    try {
      long now = roles.revision();
      if (isNew(now)) {
        close(null);
      }
    } catch (RefusedException e) {
      LOG.warn("connections of revoked certificates are looked for later: {}", e.line());
    }
  }

  private synchronized boolean isNew(long revision) {
    boolean changed = revision != seen;
    seen = revision;
    return changed;
  }

  /**
   * The same after a revocation by this request, whose own connection ends with its answer.
   *
   * @return how many were open here
   */
  public int endRevoked(Context by) {
    by.header("Connection", "close");
    return close(connection(by));
  }

  private int close(@Nullable Connection spared) {
    Set<Serial> revoked = new HashSet<>();
    for (Serial serial : new HashSet<>(open.values())) {
      if (!roles.isInForce(serial)) {
        revoked.add(serial);
      }
    }
    int closed = 0;
    for (Map.Entry<Connection, Serial> one : open.entrySet()) {
      if (revoked.contains(one.getValue())) {
        closed++;
        if (one.getKey() != spared) {
          one.getKey().getEndPoint().close();
        }
      }
    }
    if (closed > 0) {
      LOG.info("{} connections of revoked certificates {} are ended", closed, revoked);
    }
    return closed;
  }
}
