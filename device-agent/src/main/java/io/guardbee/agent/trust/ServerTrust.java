package io.guardbee.agent.trust;

import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * The one certificate authority that a device believes; the platform's own list plays no part.
 * Immutable and thread-safe.
 */
public record ServerTrust(X509Certificate root) {

  private static final int LONGEST_CHAIN = 8;

  /** TLS in which the device stays nameless. */
  public SSLContext anonymous() {
    return context(new KeyManager[0]);
  }

  /** TLS in which the device proves who it is when the server asks. */
  public SSLContext as(ClientIdentity identity) {
    return context(new KeyManager[] {new SoleIdentity(identity)});
  }

  // managers are named explicitly: the JVM's defaults may be someone else's
  private SSLContext context(KeyManager[] keys) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys, managers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS", e);
    }
  }

  /** Trust managers that believe this authority alone and check the host name where TLS asks. */
  public TrustManager[] managers() {
    try {
      KeyStore anchors = KeyStore.getInstance("PKCS12");
      anchors.load(null, null);
      anchors.setCertificateEntry("root", root);
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(anchors);
      return factory.getTrustManagers();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("every Java platform has PKIX", e);
    }
  }

  /**
   * The way from an issued certificate up to the authority, checked.
   *
   * @param authorities certificates that may lie between, in any order, others among them
   * @return the certificate first, without the root: what a TLS client presents
   * @throws RefusedException {@link Reason#CERTIFICATE_UNTRUSTED} when there is no way
   */
  public List<X509Certificate> chain(
      X509Certificate leaf, List<X509Certificate> authorities, Instant now) {
    List<X509Certificate> chain = new ArrayList<>(List.of(leaf));
    Optional<X509Certificate> next = issuer(leaf, authorities);
    while (next.isPresent() && chain.size() < LONGEST_CHAIN && !next.get().equals(root)) {
      chain.add(next.get());
      next = issuer(next.get(), authorities);
    }
    verify(chain, now);
    return chain;
  }

  private static Optional<X509Certificate> issuer(
      X509Certificate certificate, List<X509Certificate> authorities) {
    return authorities.stream().filter(candidate -> signed(candidate, certificate)).findFirst();
  }

  private static boolean signed(X509Certificate authority, X509Certificate certificate) {
    if (!certificate.getIssuerX500Principal().equals(authority.getSubjectX500Principal())) {
      return false;
    }
    try {
      certificate.verify(authority.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false; // same name, another key
    }
  }

  /**
   * Checks that a chain leads to the authority (RFC 5280 §6); revocation is the broker's concern.
   *
   * @param chain leaf first, without the root
   * @throws RefusedException {@link Reason#CERTIFICATE_UNTRUSTED}
   */
  public void verify(List<X509Certificate> chain, Instant now) {
    try {
      CertPath path = CertificateFactory.getInstance("X.509").generateCertPath(chain);
      PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now));
      CertPathValidator.getInstance("PKIX").validate(path, parameters);
    } catch (CertPathValidatorException e) {
      throw new RefusedException(
          Reason.CERTIFICATE_UNTRUSTED,
          "the certificate does not lead to the authority "
              + Fingerprint.of(root)
              + ": "
              + e.getMessage(),
          "check the server's address and the fingerprint with the operator");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has PKIX", e);
    }
  }
}
