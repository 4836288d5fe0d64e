package io.guardbee.broker.door;

import io.guardbee.pki.RefusedException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.X509TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The check at the TLS handshake: early and cheap, so that most of those who must not come in cost
 * no more than this. The guarantee is {@link ConnectCheck}.
 */
final class HandshakeCheck implements X509TrustManager {

  private static final Logger LOG = LoggerFactory.getLogger(HandshakeCheck.class);

  private final Door door;
  private final DoorMetrics metrics;

  HandshakeCheck(Door door, DoorMetrics metrics) {
    this.door = door;
    this.metrics = metrics;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    try {
      door.checkStatus(door.identify(chain[0]));
    } catch (RefusedException e) {
      metrics.refused(e.reason());
      String who =
          Visitor.nameOf(chain[0]) + " serial " + Visitor.serialOf(chain[0]) + ": " + e.line();
      LOG.warn("refused TLS handshake of {}", who);
      // HiveMQ logs this message beside the address, which no trust manager is told
      throw new CertificateException("refused " + who);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("not for servers");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return door.issuers().all().toArray(new X509Certificate[0]);
  }
}
