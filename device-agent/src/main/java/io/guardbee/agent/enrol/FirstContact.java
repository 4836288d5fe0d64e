package io.guardbee.agent.enrol;

import io.guardbee.agent.trust.ServerTrust;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * Learns whom to believe from a server that nobody has vouched for yet, given the fingerprint of
 * its root (RFC 7030 §4.1.1, bootstrap distribution of CA certificates).
 */
public final class FirstContact {

  private FirstContact() {}

  /**
   * Fetches the authorities without trusting anyone, keeps the one with the fingerprint, and then
   * asks again in a new TLS session in which the server must prove itself by that one and by its
   * host name. Sends nothing that is secret or lasting.
   *
   * @throws RefusedException {@link Reason#CERTIFICATE_UNTRUSTED} when the fingerprint or the
   *     server's own certificate does not fit
   */
  public static ServerTrust introduce(URI server, Fingerprint fingerprint) {
    List<X509Certificate> offered = new EstClient(server, believingAnyone()).authorities();
    ServerTrust trust = new ServerTrust(root(server, offered, fingerprint));
    // RFC 7030 §4.1.1: no other exchange until a new, authenticated TLS session stands
    new EstClient(server, trust.service()).authorities();
    return trust;
  }

  private static X509Certificate root(
      URI server, List<X509Certificate> offered, Fingerprint fingerprint) {
    X509Certificate found =
        offered.stream()
            .filter(certificate -> Fingerprint.of(certificate).equals(fingerprint))
            .findFirst()
            .orElseThrow(() -> wrong(server + " has no authority with " + fingerprint));
    if (found.getBasicConstraints() < 0 || !selfSigned(found)) {
      throw wrong("the certificate with " + fingerprint + " is not a root authority");
    }
    return found;
  }

  private static boolean selfSigned(X509Certificate certificate) {
    try {
      certificate.verify(certificate.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static RefusedException wrong(String detail) {
    return new RefusedException(
        Reason.CERTIFICATE_UNTRUSTED,
        detail,
        "compare with caFingerprint in run/endpoints.json on the server; nothing was sent");
  }

  /** Only for asking which authorities there are; what comes back is believed by no one. */
  private static SSLContext believingAnyone() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new UndecidedTrust()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS", e);
    }
  }
}
