package io.guardbee.broker.tls;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The decisions at the TLS handshake: early and cheap, so that most of those who must not come in
 * cost no more than this. The guarantee is the check at CONNECT: a resumed TLS session never asks
 * here (RFC 8446 §2.2). Thread-safe, never waits.
 */
public final class HandshakeTrust extends ForClients {

  private static final int LONGEST_CHAIN = 6;

  private final Consumer<X509Certificate> check;
  private final Supplier<List<X509Certificate>> authorities;
  private final HandshakeRefusals refusals;

  /**
   * @param check throws {@link RefusedException} when this certificate's holder must not come in
   * @param authorities whose certificates a client is told to present (RFC 8446 §4.2.4)
   */
  public HandshakeTrust(
      Consumer<X509Certificate> check,
      Supplier<List<X509Certificate>> authorities,
      HandshakeRefusals refusals) {
    this.check = check;
    this.authorities = authorities;
    this.refusals = refusals;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    decide(chain, engine.getHandshakeSession());
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    decide(chain, null);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    decide(chain, null);
  }

  private void decide(X509Certificate[] chain, @Nullable SSLSession session)
      throws CertificateException {
    try {
      if (session != null) {
        checkCipher(session);
      }
      checkChain(chain);
      check.accept(chain[0]);
    } catch (RefusedException e) {
      throw refusals.refuse(chain[0], e);
    } catch (RuntimeException e) { // a defect must not look like the peer's
      throw refusals.refuse(
          chain[0],
          new RefusedException(Reason.INTERNAL, "the door failed: " + e, "read the broker's log"));
    }
  }

  /** Whatever the listener's configuration allows: forward secrecy, authenticated encryption. */
  private static void checkCipher(SSLSession session) {
    String suite = session.getCipherSuite();
    boolean modern =
        session.getProtocol().equals("TLSv1.3")
            || (session.getProtocol().equals("TLSv1.2")
                && suite.startsWith("TLS_ECDHE_")
                && suite.contains("_GCM_"));
    if (!modern) {
      throw new RefusedException(
          Reason.TLS_FAILED,
          session.getProtocol() + " with " + suite + " is not allowed",
          "use TLS 1.3, or TLS 1.2 with ECDHE and AES-GCM; limit the listener to them");
    }
  }

  /** Only the first counts; what else is sent must at least be a chain. */
  private static void checkChain(X509Certificate[] chain) {
    Set<X509Certificate> distinct = new HashSet<>(List.of(chain));
    if (chain.length > LONGEST_CHAIN || distinct.size() < chain.length) {
      throw new RefusedException(
          Reason.CERTIFICATE_MALFORMED,
          "the chain holds "
              + chain.length
              + " certificates, "
              + distinct.size()
              + " of them different",
          "send the device's certificate alone, or with the authorities above it");
    }
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return authorities.get().toArray(new X509Certificate[0]);
  }
}
