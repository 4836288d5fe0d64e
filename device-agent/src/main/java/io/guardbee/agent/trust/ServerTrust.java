package io.guardbee.agent.trust;

import io.guardbee.pki.CertificateSignature;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.OneKey;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.ServerRole;
import io.guardbee.pki.ServerTrustManager;
import java.security.GeneralSecurityException;
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

/**
 * The one root authority that a device believes, and the servers below it: the service and the
 * brokers, each told by its certificate. The platform's own list plays no part. Immutable and
 * thread-safe.
 */
public record ServerTrust(X509Certificate root) {

  private static final int LONGEST_CHAIN = 8;

  /** TLS with the service in which the device stays nameless. */
  public SSLContext service() {
    return context(new KeyManager[0], ServerRole.SERVICE);
  }

  /** TLS with the service in which the device proves who it is when the server asks. */
  public SSLContext service(ClientIdentity identity) {
    return context(keys(identity), ServerRole.SERVICE);
  }

  /** TLS with a broker in which the device proves who it is. */
  public SSLContext broker(ClientIdentity identity) {
    return context(keys(identity), ServerRole.BROKER);
  }

  private static KeyManager[] keys(ClientIdentity identity) {
    return new KeyManager[] {new OneKey(identity.key(), identity.chain())};
  }

  // managers are named explicitly: the JVM's defaults may be someone else's
  private SSLContext context(KeyManager[] keys, ServerRole role) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys, new TrustManager[] {ServerTrustManager.of(List.of(root), role)}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS", e);
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
    return authorities.stream()
        .filter(candidate -> CertificateSignature.isBy(candidate, certificate))
        .findFirst();
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
