package io.guardbee.bench.door;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Believes whatever a broker of this benchmark shows: the clients share the processors with the
 * brokers, and whom they believe is not what is measured. Thread-safe.
 */
final class Pinned extends X509ExtendedTrustManager {

  private static final int MOST = 16;

  private final ConcurrentMap<X509Certificate, Boolean> seen = new ConcurrentHashMap<>();

  /** A broker on this machine has one certificate, perhaps renewed: many would be somebody else. */
  private void check(X509Certificate[] chain) throws CertificateException {
    if (seen.putIfAbsent(chain[0], true) == null && seen.size() > MOST) {
      throw new CertificateException("more certificates than there are brokers");
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw new CertificateException("not for clients");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("not for clients");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("not for clients");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
